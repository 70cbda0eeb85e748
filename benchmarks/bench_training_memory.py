"""Memory of training: batches of 64, and of 768 in chunks of 64 or whole.

    python -m benchmarks.bench_training_memory

A fresh process per case, on one thread, all training on the same sentences.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from benchmarks.made_up_sentences import sentences, step_settings
from benchmarks.resident import figures_of, resident_mb
from trainer.training.components import build_components
from trainer.training.dataset import training_set
from trainer.training.loop import TrainingRun
from trainer.training.run import training_identity

CASES = ((64, 64), (768, 64), (768, 768))
_STEPS = 2


def print_figures(batch_size: int, chunk_size: int) -> None:
    """Trains a few steps and prints the peak in MB before the first step and after the last."""
    chunk = chunk_size if chunk_size < batch_size else None
    data = sentences(_STEPS * max(b for b, _ in CASES), 200)
    with TemporaryDirectory() as folder:
        settings = step_settings(batch_size, chunk)
        components = build_components(data, settings, Path(folder))
        training = training_set(data.items, data.inventory, components.inputs)
        run = TrainingRun(
            components, training, settings, training_identity(data, settings), Path(folder), None
        )
        before = resident_mb()
        n_steps = len(data.items) // batch_size
        for step in range(n_steps):
            run.stepper.step([list(range(step * batch_size, (step + 1) * batch_size))])
    print(before, resident_mb())


def compare_memory() -> None:
    """Prints the peak of each case."""
    print("| memory | peak RSS, MB | of that for steps, MB |\n|---|---|---|")
    for batch_size, chunk_size in CASES:
        case = ["--case", str(batch_size), str(chunk_size)]
        before, after = figures_of("benchmarks.bench_training_memory", *case)
        whole = "" if chunk_size == batch_size else f" in chunks of {chunk_size}"
        print(f"| batch {batch_size}{whole} | {after:,.0f} | {after - before:,.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", type=int, nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.case:
        print_figures(*args.case)
    else:
        compare_memory()


if __name__ == "__main__":
    main()
