"""How long and how much memory preparing a release takes: card, checks, scan, hashes, plan.

    python benchmarks/bench_publish.py --rows 1000000

A synthetic release is written first, in a process of its own; what is measured is a fresh process
that renders the card, checks and scans the folder as `viconwsd publish` does, and makes the plan.
Wanted for 1,000,000 rows: 60 s, and 500 MB beyond the writing of the release.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CONTEXTS = 10
BATCH = 50_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--step", choices=("write", "prepare"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if given.step == "write":
        write(given.folder, given.rows)
    elif given.step == "prepare":
        print(json.dumps(prepare(given.folder)))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            report(Path(temporary) / "release", given.rows)


def report(folder: Path, rows: int) -> None:
    for step in ("write", "prepare"):
        done = subprocess.run(
            [sys.executable, __file__, "--step", step, "--folder", folder, "--rows", str(rows)],
            check=True,
            capture_output=step == "prepare",
            text=True,
        )
    measured = json.loads(done.stdout)
    size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
    print(f"{rows:,} rows, {size / 1e6:.0f} MB of Parquet")
    for name, seconds in measured["seconds"].items():
        print(f"  {name:<24} {seconds:8.2f} s")
    print(f"  {'together':<24} {sum(measured['seconds'].values()):8.2f} s")
    print(f"  {'peak memory':<24} {measured['peak_mb']:8.0f} MB")
    print(f"  {'of it before the start':<24} {measured['start_mb']:8.0f} MB")


def prepare(folder: Path) -> dict[str, Any]:
    """Seconds of each step, and the process's memory before and at most."""
    from pipeline.card.render import write_card
    from pipeline.publish.plan import upload_plan
    from pipeline.publish.release import check_release
    from pipeline.publish.scan import Needles

    start, seconds = _peak_mb(), {}
    begun = time.perf_counter()
    write_card(folder)
    seconds["card"] = time.perf_counter() - begun
    begun = time.perf_counter()
    files = check_release(folder, Needles.of_this_machine(folder))
    seconds["hashes, checks, scan"] = time.perf_counter() - begun
    begun = time.perf_counter()
    upload_plan(files, {})
    seconds["plan"] = time.perf_counter() - begun
    return {"seconds": seconds, "start_mb": start, "peak_mb": _peak_mb()}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def write(folder: Path, rows: int) -> None:
    """A release of so many rows, a tenth of them in the test parts, ten per sense."""
    import pyarrow as pa

    from pipeline.release.manifest import ReleaseManifest, TableFile
    from schemas.arrow import arrow_schema
    from schemas.records import Example, InventorySense, Provenance, Split
    from testing.tiny_release import make_tiny_release

    made = make_tiny_release(folder / ".tiny")

    manifest = ReleaseManifest.read(made)
    trace = pa.schema(
        [("context_id", pa.string()), ("provenance", pa.struct(arrow_schema(Provenance)))]
    )
    parts = dict.fromkeys(Split, rows // 50)
    parts[Split.TRAIN] = rows - 4 * (rows // 50)
    tables: list[TableFile] = []
    first = 0
    for split, n in parts.items():
        path = f"data/examples/{split.value}-00000.parquet"
        span = range(first, first + n)
        tables.append(
            _table(folder, path, "examples", span, _example, arrow_schema(Example), split)
        )
        first += n
    tables.append(
        _table(
            folder,
            "data/senses/senses-00000.parquet",
            "senses",
            range(rows // CONTEXTS),
            _sense,
            arrow_schema(InventorySense),
        )
    )
    for name in ("example_provenance", "gloss_provenance"):
        path = f"data/{name}/{name}-00000.parquet"
        tables.append(_table(folder, path, name, range(rows), _trace, trace))
    counts = manifest.counts.model_copy(update={"examples": rows, "senses": rows // CONTEXTS})
    manifest.model_copy(update={"tables": tuple(tables), "counts": counts}).write(folder)


def _table(
    folder: Path, path: str, name: Any, span: range, row: Any, schema: Any, split: Any = None
) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from pipeline.release.manifest import TableFile

    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for start in range(span.start, span.stop, BATCH):
            batch = [row(n, split) for n in range(start, min(start + BATCH, span.stop))]
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))
    return TableFile(
        path=path,
        table=name,
        split=split,
        rows=len(span),
        bytes=target.stat().st_size,
        sha256=hashlib.sha256(target.read_bytes()).hexdigest(),
        content_hash="0" * 64,
    )


def _sentence(n: int) -> str:
    return (
        f"Sáng nay bác thợ {n % 997} mượn chiếc khoan của nhà số {n} để làm lại bức tường "
        f"phía đông, rồi trả cho người hàng xóm thứ {n * 7919 % 100003} trước khi trời mưa to."
    )


def _example(n: int, split: Any) -> dict[str, Any]:
    sense = n // CONTEXTS
    sentence = _sentence(n)
    start = sentence.index("khoan")
    return {
        "sentence": sentence,
        "target_start": start,
        "target_end": start + 5,
        "context_id": f"viwn-{sense}#khoan@{n:012x}",
        "sense_id": f"viwn-{sense}#khoan",
        "synset_id": f"viwn-{sense}",
        "lemma": "khoan",
        "pos": "noun",
        "supersense": "noun.artifact",
        "gloss": f"dụng cụ có mũi xoay kiểu {sense}, dùng để tạo lỗ trên vật cứng",
        "split": split.value,
        "n_candidates": 3,
        "n_candidates_same_pos": 2,
        "judged": "agree",
        "audited": "unaudited",
    }


def _sense(n: int, _: Any) -> dict[str, Any]:
    return {
        "sense_id": f"viwn-{n}#khoan",
        "synset_id": f"viwn-{n}",
        "lemma": "khoan",
        "pos": "noun",
        "supersense": "noun.artifact",
        "gloss": f"dụng cụ có mũi xoay kiểu {n}, dùng để tạo lỗ trên vật cứng",
        "n_siblings": 2,
        "n_siblings_same_pos": 1,
        "n_contexts": CONTEXTS,
    }


def _trace(n: int, _: Any) -> dict[str, Any]:
    return {
        "context_id": f"viwn-{n // CONTEXTS}#khoan@{n:012x}",
        "provenance": {
            "request_key": f"{n // 5:064x}",
            "prompt_id": "contexts",
            "prompt_version": "v1",
            "model": "bench",
            "sample": 0,
            "round": 1,
        },
    }


if __name__ == "__main__":
    main()
