"""Full retrieval metrics: the public code's two ways, this project's, and products alone.

    python -m benchmarks.bench_retrieval [--items 20000] [--glosses 5000] [--width 768]
    python -m benchmarks.bench_retrieval --memory --items 50000 --glosses 33000 --width 256

All contexts against all contexts and all glosses, on all cores unless ``--threads`` says
otherwise; 768 is the width of the paper's model. The metrics must agree: they differ at most by
scores that are equal at this project's resolution, 2^-20, where the public code takes whichever
comes first. ``--memory`` takes this project's metrics in a fresh process instead, and tells its
peak resident size, torch and the vectors included, against 2 GB: time grows with the square of the
items, memory linearly.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.apart import apart, resident_mb
from benchmarks.retrieval_in_loops import Metrics, Vectors, in_chunks
from trainer.evaluation.retrieval import retrieval_metrics

_TOLERANCE = 1e-4
_MOST_MB = 2000.0


def made_up(n_items: int, n_glosses: int, width: int) -> tuple[Vectors, Vectors, list[int]]:
    """Context vectors around their gloss vectors, and the gloss of each; each is a synset."""
    rng = np.random.default_rng(0)
    glosses = rng.standard_normal((n_glosses, width), dtype=np.float32)
    contexts = rng.standard_normal((n_items, width), dtype=np.float32)
    gold = rng.integers(0, n_glosses, n_items)
    for at in range(0, n_items, 1000):
        contexts[at : at + 1000] += 0.4 * glosses[gold[at : at + 1000]]
    return contexts, glosses, gold.tolist()


def here(z: Vectors, synsets: list[int], g: Vectors, gold: list[int]) -> Metrics:
    """This project's metrics; it takes the corrected ones along."""
    found = retrieval_metrics(z, synsets, g, gold, list(range(len(g))))
    return [(row.recall, row.precision, row.f1, row.ndcg) for row in found]


def products(z: Vectors, g: Vectors) -> Metrics:
    """Nothing but all multiplications, in blocks of 384 rows."""
    contexts = torch.from_numpy(z)
    for columns in (contexts, torch.from_numpy(g)):
        out = torch.empty((384, len(columns)))
        for at in range(0, len(contexts), 384):
            part = contexts[at : at + 384]
            torch.mm(part, columns.T, out=out[: len(part)])
    return []


Way = Callable[[Vectors, list[int], Vectors, list[int]], Metrics]
WAYS: dict[str, Way] = {
    "public code, as it evaluates": in_chunks,
    "viconwsd": here,
    "all products": lambda z, _, g, __: products(z, g),
}


def vectors_mb(n_items: int, n_glosses: int, width: int) -> float:
    """Takes all metrics, and returns the peak with the vectors alone."""
    contexts, glosses, gold = made_up(n_items, n_glosses, width)
    before = resident_mb()
    retrieval_metrics(contexts, gold, glosses, gold, list(range(n_glosses)))
    return before


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--glosses", type=int, default=5_000)
    parser.add_argument("--width", type=int, default=768)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--memory", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    print(f"{args.items:,} contexts, {args.glosses:,} glosses, {args.width} numbers each, ", end="")
    if args.memory:
        done = apart(vectors_mb, args.items, args.glosses, args.width)
        print(f"all cores:\n{done}, of it with the vectors alone {done.said:.0f} MB")
        return 1 if done.peak_mb > _MOST_MB else 0
    contexts, glosses, gold = made_up(args.items, args.glosses, args.width)
    print(
        f"{args.threads} thread(s)\n\n| | CPU s | wall s | CPU, viconwsd = 1 | wall, viconwsd = 1 |"
    )
    print("|---|---|---|---|---|")
    found: dict[str, NDArray[np.float64]] = {}
    spent: dict[str, tuple[float, float]] = {}
    for name, way in WAYS.items():
        cpu, wall = time.process_time(), time.perf_counter()
        metrics = way(contexts, gold, glosses, gold)
        spent[name] = time.process_time() - cpu, time.perf_counter() - wall
        if metrics:
            found[name] = np.array(metrics)
    for name, (cpu, wall) in spent.items():
        own_cpu, own_wall = spent["viconwsd"]
        print(f"| {name} | {cpu:.2f} | {wall:.2f} ", end="")
        print(f"| {cpu / own_cpu:.1f} | {wall / own_wall:.1f} |")
    gap = max(float(np.abs(found["viconwsd"] - other).max()) for other in found.values())
    print(f"\nThe metrics differ by at most {gap:.0e}; F1@10 {found['viconwsd'][-1][2]:.3f}")
    return 1 if gap > _TOLERANCE else 0


if __name__ == "__main__":
    raise SystemExit(main())
