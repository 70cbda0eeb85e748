"""Select, split and release in pieces and parts: time, memory of each process, several workers.

    python -m benchmarks.bench_partitions [--contexts 1000000] [--workers 1 2] [--keep FOLDER]

The inventory has 98,000 made-up senses, as many as the whole WordNet, whatever the number of
contexts; 10,000,000 take some 4 GB in --keep, and as much again while they are worked on. Each run
is a process of its own, which hands the work out (0 workers: does it itself). Printed are wall
time, CPU time of all processes, and the largest resident size of the one that hands out and of its
largest worker. Wanted: at most 400 MB each.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from benchmarks.apart import apart, largest_child_mb
from benchmarks.bench_release import VI, write_lexicon
from benchmarks.made_up_contexts import write_made_up
from pipeline.engine.pool import LocalPool, Pool
from pipeline.engine.processes import ProcessPool
from pipeline.engine.progress import Progress
from pipeline.release.manifest import SourceInfo
from pipeline.release.settings import ReleaseSettings
from pipeline.release.write import write_release
from pipeline.select.select import select_contexts
from pipeline.select.settings import SelectSettings
from pipeline.split.settings import SplitSettings
from pipeline.split.split import split_contexts

SENSES = 98_000


def select(folder: Path, pool: Pool) -> Path:
    output = folder / "selected.parquet"
    select_contexts(
        language=VI,
        contexts=folder / "contexts.parquet",
        senses=folder / "senses.parquet",
        glosses=folder / "glosses.parquet",
        verdicts=folder / "verdicts.parquet",
        unjudged=None,
        audit_outcomes=None,
        settings=SelectSettings(),
        output=output,
        on_reject=lambda _: None,
        progress=Progress(),
        pool=pool,
    )
    return output


def split(folder: Path, pool: Pool) -> Path:
    output = folder / "splits.parquet"
    split_contexts(
        language=VI,
        selected=folder / "selected.parquet",
        senses=folder / "senses.parquet",
        settings=SplitSettings(),
        output=output,
        on_reject=lambda _: None,
        progress=Progress(),
        pool=pool,
    )
    return output


def release(folder: Path, pool: Pool) -> Path:
    """With its leakage report."""
    write_release(
        folder=folder / "release",
        synsets=folder / "synsets.parquet",
        senses=folder / "senses.parquet",
        glosses=folder / "glosses.parquet",
        links=folder / "links.parquet",
        selected=folder / "selected.parquet",
        splits=folder / "splits.parquet",
        settings=ReleaseSettings(name="bench"),
        language=VI,
        stages=(),
        source=SourceInfo(name="bench", licence="CC0-1.0"),
        recorded=True,
        pool=pool,
    )
    return folder / "release" / "manifest.json"


PARTS: dict[str, Callable[[Path, Pool], Path]] = {
    "select": select,
    "split": split,
    "release": release,
}


def measured(part: str, folder: Path, workers: int) -> tuple[str, float, float]:
    """The digest of what was written; megabytes of the largest worker; CPU seconds of all."""
    with closing(ProcessPool(workers) if workers else LocalPool()) as pool:
        output = PARTS[part](folder, pool)
        largest = largest_child_mb()
    with open(output, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:12]
    spent = os.times()
    return digest, largest, spent.children_user + spent.children_system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contexts", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument(
        "--keep", type=Path, help="work in this folder and leave it; its contexts are used again"
    )
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="viconwsd-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "verdicts.parquet").exists():
        write_made_up(folder, write_lexicon(folder, None, SENSES), options.contexts)
    for part in options.parts:
        walls = {}
        for workers in options.workers:
            done = apart(measured, part, folder, workers)
            digest, largest, cpu = done.said
            walls[workers] = done.wall
            print(
                f"{part}, {workers} workers: {done.wall:7.1f} s, CPU {done.cpu + cpu:7.1f} s, "
                f"peak {done.peak_mb:4.0f} MB handing out, {largest:4.0f} MB the largest worker, "
                f"bytes {digest}",
                flush=True,
            )
        if {1, 2} <= walls.keys():
            print(f"{part}: two workers are {walls[1] / walls[2]:.2f} times as fast as one")
    if not options.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
