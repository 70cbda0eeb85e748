"""Training steps: the public code's way against this project's, and the memory that they take.

    python -m benchmarks.bench_training [--steps 24] [--threads 1]

Both sides train on the same batches of the same items under the same loss, and must reach equal
losses. The public code's way pads every batch to its longest row, tokenises each sentence anew,
and moves gloss vectors one by one. Memory is that of batches of 64, and of 768 in chunks of 64 or
whole, on the same sentences: a fresh process per case, on one thread.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from benchmarks.apart import apart, resident_mb
from benchmarks.made_up_sentences import sentences, step_settings
from trainer.data import Item, WsdData
from trainer.objectives import GlossTable
from trainer.settings import TrainSettings
from trainer.training.components import Components, build_components
from trainer.training.dataset import training_set
from trainer.training.loop import TrainingRun
from trainer.training.run import training_identity

CASES = ((64, 64), (768, 64), (768, 768))


def timed(
    data: WsdData, settings: TrainSettings, folder: Path, n_steps: int, public: bool
) -> tuple[float, list[float]]:
    """CPU seconds per step, tokenising included, and the losses; equal batches, no dropout."""
    components = build_components(data, settings, folder)
    components.model.eval()
    if public:
        settings = settings.model_copy(update={"length_buckets": False})
    size = settings.batch_size
    start = time.process_time()
    run = _run(data, data.items[: 1 if public else None], components, settings, folder)
    losses = []
    for step in range(n_steps):
        rows = list(range(step * size, (step + 1) * size))
        if public:
            losses.append(_public_step(run, components, [data.items[i] for i in rows]))
        else:
            losses.append(run.stepper.step([rows]))
    return (time.process_time() - start) / n_steps, losses


def _run(
    data: WsdData,
    items: Sequence[Item],
    components: Components,
    settings: TrainSettings,
    folder: Path,
) -> TrainingRun:
    training = training_set(items, data.inventory, components.inputs)
    identity = training_identity(data, settings)
    return TrainingRun(components, training, settings, identity, folder, None)


def _public_step(run: TrainingRun, components: Components, items: list[Item]) -> float:
    own = training_set(items, components.inventory, components.inputs)
    batch = components.inputs.batch(own.tokenized)
    rows = [torch.from_numpy(np.array(components.gloss_vectors[int(r)])) for r in own.gloss]
    moved = [row.to(components.model.device) for row in rows]
    local = {int(r): k for k, r in enumerate(own.gloss.tolist())}
    vectors = torch.zeros(len(components.gloss_vectors), components.gloss_vectors.shape[1])
    for row, k in local.items():
        vectors[row] = moved[k]
    run.stepper.optimiser.zero_grad()
    z = components.model(batch.input_ids, batch.attention_mask, batch.target_mask)
    table = GlossTable(vectors, torch.tensor(components.inventory.text_numbers))
    loss = run.stepper.objective(z, own.joint(range(len(items)), components.model.device), table)
    loss.backward()
    run.stepper.optimiser.step()
    return float(loss.detach())


def compare_steps(n_steps: int) -> None:
    """Prints the table of training steps."""
    settings, data = step_settings(), sentences(64 * n_steps, 200)
    with TemporaryDirectory() as folder:
        mine = timed(data, settings, Path(folder) / "a", n_steps, public=False)
        theirs = timed(data, settings, Path(folder) / "b", n_steps, public=True)
    gap = max(abs(a - b) for a, b in zip(mine[1], theirs[1], strict=True))
    print("| training, batch 64 | CPU s/step | samples/s | mean loss |\n|---|---|---|---|")
    for name, (seconds, losses) in (("public code's way", theirs), ("viconwsd", mine)):
        print(f"| {name} | {seconds:.3f} | {64 / seconds:.0f} | {np.mean(losses):.4f} |")
    print(f"\n{theirs[0] / mine[0]:.2f} x faster steps; losses differ by at most {gap:.1e}\n")


def mb_before(batch_size: int, chunk_size: int) -> float:
    """Trains a few steps, and returns the peak in MB before the first."""
    torch.set_num_threads(1)
    settings = step_settings(batch_size, chunk_size if chunk_size < batch_size else None)
    data = sentences(2 * max(b for b, _ in CASES), 200)
    with TemporaryDirectory() as folder:
        components = build_components(data, settings, Path(folder))
        run = _run(data, data.items, components, settings, Path(folder))
        before = resident_mb()
        for start in range(0, len(data.items), batch_size):
            run.stepper.step([list(range(start, start + batch_size))])
    return before


def compare_memory() -> None:
    """Prints the peak of each case."""
    print("| memory | peak RSS, MB | of that for steps, MB |\n|---|---|---|")
    for batch_size, chunk_size in CASES:
        done = apart(mb_before, batch_size, chunk_size)
        whole = "" if chunk_size == batch_size else f" in chunks of {chunk_size}"
        added = done.peak_mb - done.said
        print(f"| batch {batch_size}{whole} | {done.peak_mb:,.0f} | {added:,.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    compare_steps(args.steps)
    compare_memory()


if __name__ == "__main__":
    main()
