"""Memory and cores of the full retrieval metrics: by default 50,000 contexts x 33,000 glosses.

    python -m benchmarks.bench_retrieval_memory [--items 200000] [--glosses 33000] [--width 256]

The peak resident size of a fresh process that holds the vectors and takes all metrics, torch and
the vectors themselves included, against 2 GB. CPU time against wall time says how many cores
worked. TaskProgress grows with the square of the items, memory linearly.
"""

from __future__ import annotations

import argparse
import os
import time

from benchmarks.resident import figures_of, resident_mb

_MOST_MB = 2000.0


def print_figures(n_items: int, n_glosses: int, width: int) -> None:
    """Prints the peak with the vectors alone, the peak in the end, CPU seconds, wall seconds."""
    from benchmarks.bench_retrieval import made_up
    from trainer.evaluation.retrieval import retrieval_metrics

    contexts, glosses, gold = made_up(n_items, n_glosses, width)
    before = resident_mb()
    cpu, wall = time.process_time(), time.perf_counter()
    retrieval_metrics(contexts, gold, glosses, gold, list(range(n_glosses)))
    print(before, resident_mb(), time.process_time() - cpu, time.perf_counter() - wall)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--glosses", type=int, default=33_000)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.here:
        print_figures(args.items, args.glosses, args.width)
        return 0
    sizes = [f"--{name}={getattr(args, name)}" for name in ("items", "glosses", "width")]
    before, peak, cpu, wall = figures_of("benchmarks.bench_retrieval_memory", *sizes, "--here")
    print(f"{args.items:,} contexts, {args.glosses:,} glosses, {args.width} numbers each\n")
    print("| peak RSS, MB | with the vectors alone, MB | CPU s | wall s | cores at work |")
    print("|---|---|---|---|---|")
    print(f"| {peak:,.0f} | {before:,.0f} | {cpu:.0f} | {wall:.0f} | {cpu / wall:.2f} ", end="")
    print(f"of {os.cpu_count()} |", flush=True)
    return 1 if peak > _MOST_MB else 0


if __name__ == "__main__":
    raise SystemExit(main())
