"""Contexts and judge against the zero-latency mock: one process, and several.

    python -m benchmarks.bench_engine [--synsets 1200] [--workers 2] [--kinds local processes]

Prints of each stage and kind the wall time, the CPU time of the run's own process and of its
workers, and the memory of the former. All runs share one made-up lexicon, and their outputs must be
equal. Where other work keeps the machine busy, the CPU times say more than the wall times.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from testing.mock_server import spawned
from testing.outputs import current_output

LEMMAS = ("khoan", "đá", "đường", "sao", "bạc", "chạy", "mũi", "chân", "tay", "đầu", "lá", "quả")
ENDINGS = ("nhỏ", "lớn", "xanh", "cũ", "mới", "xa", "gần", "sâu", "cao", "thấp", "dài", "tròn")
KINDS = ("local", "processes")
STAGES = ("contexts", "judge")


def main() -> None:
    """The command line; exit code 1 where outputs differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--synsets", type=int, default=1200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=KINDS)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as scratch,
        spawned("--responder", "testing.wordnet_responder:respond") as base_url,
    ):
        first = write_run(Path(scratch) / "first", base_url, given.synsets)
        step(first, "glosses", "local", 1)
        left = set()
        for kind in given.kinds:
            folder = Path(scratch) / kind
            shutil.copytree(first, folder)
            for stage in STAGES:
                print(f"{stage:10} {kind:10}", step(folder, stage, kind, given.workers), flush=True)
            written, judged = (current_output(folder, stage) for stage in STAGES)
            tables = written.table("contexts"), judged.table("verdicts"), judged.table("votes")
            left.add(tuple(table.read_bytes() for table in tables))
    if len(left) > 1:
        sys.exit("the outputs differ")


def write_run(folder: Path, base_url: str, synsets: int) -> Path:
    """A lexicon of so many synsets, three to a lemma."""
    (folder / "lexicon").mkdir(parents=True)
    lemmas = [f"{a} {b} {c}" for a in LEMMAS for b in ENDINGS for c in ENDINGS if b != c]
    for kind, name in enumerate(("noun.act", "noun.artifact", "verb.motion")):
        rows = enumerate(lemmas[: synsets // 3])
        lines = [f"{kind * 100_000 + n},{lemma}\n" for n, lemma in rows]
        (folder / "lexicon" / f"{name}.csv").write_text("".join(lines), encoding="utf-8")
    (folder / "run.toml").write_text(
        '[source]\nkind = "csv"\npath = "lexicon"\n\n'
        f'[llm]\nbase_url = "{base_url}"\nidentity = "mock"\nmodel = "mock"\n'
        "max_tokens = 2000\nmax_in_flight = 64\n",
        encoding="utf-8",
    )
    return folder


def step(folder: Path, stage: str, kind: str, workers: int) -> str:
    """Runs up to a stage; what that took."""
    config = folder / "run.toml"
    text = config.read_text(encoding="utf-8").split("\n[engine]")[0]
    engine = f'\n[engine]\nkind = "{kind}"\nworkers = {workers}\n'
    config.write_text(text + engine, encoding="utf-8")
    code = (
        "import resource, sys; from pipeline.cli.main import exit_code\n"
        f"code = exit_code(['run', '-c', {str(config)!r}, '--until', {stage!r}])\n"
        "own = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(own.ru_utime + own.ru_stime, own.ru_maxrss / 1024)\n"
        "sys.exit(code)"
    )
    began, before = time.monotonic(), spent()
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    wall, total = time.monotonic() - began, spent() - before
    if done.returncode:
        sys.exit(f"{stage} by {kind} ended with exit code {done.returncode}")
    own_s, own_mb = map(float, done.stdout.split()[-2:])
    return (
        f"{wall:6.1f} s; CPU {total:6.1f} s: its own {own_s:.1f} s, workers {total - own_s:.1f} s; "
        f"{own_mb:.0f} MB"
    )


def spent() -> float:
    """CPU seconds of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
