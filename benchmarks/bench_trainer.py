"""Training steps and retrieval metrics: the public code's way against this project's.

    python benchmarks/bench_trainer.py [--items 20000] [--steps 24]
    python benchmarks/bench_trainer.py --only retrieval --items 20000 --threads 1
    python benchmarks/bench_trainer.py --only memory

Both sides do the same work and must reach equal results: the same batches of the same items
under the same loss, and the same metrics. The public code's way pads every batch to its longest
row, tokenises each sentence anew, moves gloss vectors one by one, and counts metrics in Python
loops. ``memory`` is the peak of a process that trains with batches of 64, and of one with batches
of 768 in chunks of 64 or whole.
"""

from __future__ import annotations

import argparse
import math
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.data import Inventory, InventoryEntry, Item, WsdData
from trainer.evaluation.retrieval import KS, retrieval_metrics
from trainer.objectives import GlossTable
from trainer.settings import ObjectiveSettings, SmallEncoderSettings, TrainSettings
from trainer.training.examples import training_set
from trainer.training.loop import TrainingRun
from trainer.workbench import Workbench, make_workbench

_ONSETS = ("b", "c", "d", "đ", "g", "h", "k", "l", "m", "n", "p", "t", "v", "x")
SYLLABLES = [onset + rhyme for onset in _ONSETS for rhyme in ("a", "an", "ô", "ơi", "ừng")]


def sentences(n: int, n_senses: int, seed: int = 0) -> WsdData:
    """Made-up data with real-looking lengths: most sentences short, a few of 100 syllables."""
    rng = np.random.default_rng(seed)

    def text(length: int) -> str:
        return " ".join(rng.choice(SYLLABLES, length))

    entries = [
        InventoryEntry(f"s{i}", f"s{i}", f"từ{i // 2}", "noun", text(12)) for i in range(n_senses)
    ]
    items = []
    for i in range(n):
        entry = entries[i % n_senses]
        words = text(int(np.clip(rng.lognormal(2.6, 0.7), 4, 100)))
        items.append(
            Item(
                f"c{i}",
                entry.sense_id,
                entry.synset_id,
                entry.lemma,
                "noun",
                f"{entry.lemma} {words}",
                0,
                len(entry.lemma),
                "train",
            )
        )
    return WsdData(Inventory(entries), tuple(items))


def timed(
    data: WsdData, settings: TrainSettings, folder: Path, n_steps: int, public: bool
) -> tuple[float, list[float]]:
    """CPU seconds per step, tokenising included, and the losses; equal batches, no dropout."""
    bench = make_workbench(data, settings, folder)
    bench.model.eval()
    if public:
        settings = settings.model_copy(update={"length_buckets": False})
    size = settings.batch_size
    start = time.process_time()
    training = training_set(data.items[: 1 if public else None], data.inventory, bench.inputs)
    run = TrainingRun(bench, training, settings, folder, None)
    losses = []
    for step in range(n_steps):
        rows = list(range(step * size, (step + 1) * size))
        if public:
            losses.append(_public_step(run, bench, [data.items[i] for i in rows]))
        else:
            losses.append(run.step([rows]))
    return (time.process_time() - start) / n_steps, losses


def _public_step(run: TrainingRun, bench: Workbench, items: list[Item]) -> float:
    own = training_set(items, bench.inventory, bench.inputs)
    batch = bench.inputs.batch(own.placed)
    rows = [torch.from_numpy(np.array(bench.gloss_vectors[int(r)])) for r in own.gloss]
    moved = [row.to(bench.model.device) for row in rows]
    local = {int(r): k for k, r in enumerate(own.gloss.tolist())}
    vectors = torch.zeros(len(bench.gloss_vectors), bench.gloss_vectors.shape[1])
    for row, k in local.items():
        vectors[row] = moved[k]
    run.optimiser.zero_grad()
    z = bench.model(batch.input_ids, batch.attention_mask, batch.target_mask)
    table = GlossTable(vectors, torch.tensor(bench.inventory.text_numbers))
    loss = run.objective(z, own.joint(range(len(items)), bench.model.device), table)
    loss.backward()
    run.optimiser.step()
    return float(loss.detach())


def loops(
    z: NDArray[np.float32], synsets: list[int], g: NDArray[np.float32], gold: list[int]
) -> list[tuple[float, float, float, float]]:
    """The paper's metrics as its code counts them: one item at a time, in Python."""
    z = z / np.linalg.norm(z, axis=1, keepdims=True)
    g = g / np.linalg.norm(g, axis=1, keepdims=True)
    sizes: dict[int, int] = {}
    for s in synsets:
        sizes[s] = sizes.get(s, 0) + 1
    sums = {k: [0.0, 0.0, 0.0] for k in KS}
    n_many = 0
    for i in range(len(z)):
        scores = np.round((z @ z[i]) * 2**20)
        scores[i] = -np.inf
        order = np.argsort(-scores, kind="stable")
        by_gloss = np.argsort(-np.round((g @ z[i]) * 2**20), kind="stable")
        rank = [int(j) for j in by_gloss].index(gold[i]) + 1
        others = sizes[synsets[i]] - 1
        n_many += others > 0
        for k in KS:
            hits = sum(1 for j in order[:k] if synsets[int(j)] == synsets[i])
            sums[k][0] += hits > 0
            if others:
                sums[k][1] += hits / min(k, others)
            sums[k][2] += 1 / math.log2(rank + 1) if rank <= k else 0.0
    found = []
    for k in KS:
        r, p, n = sums[k][0] / len(z), sums[k][1] / max(1, n_many), sums[k][2] / len(z)
        found.append((r, p, 2 * r * p / (r + p) if r + p else 0.0, n))
    return found


def step_settings(batch_size: int = 64, chunk_size: int | None = None) -> TrainSettings:
    """A small encoder of four layers under the paper's loss."""
    return TrainSettings(
        small=SmallEncoderSettings(width=192, layers=4, heads=4),
        segmenter="syllables",
        batch_size=batch_size,
        chunk_size=chunk_size,
        max_length=128,
        max_gradient_norm=None,
        decay="constant",
        warm_up=0.0,
        objective=ObjectiveSettings(name="paper"),
        encoder_learning_rate=1e-4,
        head_learning_rate=1e-4,
        gloss_width=64,
        head_width=128,
    )


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


def compare_retrieval(n_items: int, n_glosses: int, width: int) -> None:
    """Prints the time of all retrieval metrics over all items, in loops and here."""
    rng = np.random.default_rng(0)
    z = rng.normal(size=(n_items, width)).astype(np.float32)
    g = rng.normal(size=(n_glosses, width)).astype(np.float32)
    gold = [int(i) for i in rng.integers(0, n_glosses, n_items)]
    z += 3 * g[gold]
    wall, cpu = time.perf_counter(), time.process_time()
    found = retrieval_metrics(z, gold, g, gold, list(range(n_glosses)))
    fast_wall, fast_cpu = time.perf_counter() - wall, time.process_time() - cpu
    wall, cpu = time.perf_counter(), time.process_time()
    slow = loops(z, gold, g, gold)
    slow_wall, slow_cpu = time.perf_counter() - wall, time.process_time() - cpu
    equal = all(
        np.allclose((r.recall, r.precision, r.f1, r.ndcg), s, atol=1e-9)
        for r, s in zip(found, slow, strict=True)
    )
    print(f"| retrieval, {n_items:,} contexts, {n_glosses:,} glosses | CPU s | wall s |")
    print("|---|---|---|")
    print(f"| loops | {slow_cpu:.1f} | {slow_wall:.1f} |")
    print(f"| viconwsd | {fast_cpu:.2f} | {fast_wall:.2f} |")
    print(
        f"\n{slow_cpu / fast_cpu:.0f} x less CPU time, {slow_wall / fast_wall:.0f} x faster, "
        f"{'equal' if equal else 'UNEQUAL'} results\n"
    )


MEMORY_CASES = ((64, 64), (768, 64), (768, 768))
_MEMORY_STEPS = 2


def resident_mb() -> float:
    """The largest resident size that this process has had, in MB (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def print_memory_of(batch_size: int, chunk_size: int) -> None:
    """Trains a few steps and prints the peak in MB before the first step and after the last."""
    chunk = chunk_size if chunk_size < batch_size else None
    data = sentences(_MEMORY_STEPS * max(b for b, _ in MEMORY_CASES), 200)
    with TemporaryDirectory() as folder:
        settings = step_settings(batch_size, chunk)
        bench = make_workbench(data, settings, Path(folder))
        training = training_set(data.items, data.inventory, bench.inputs)
        run = TrainingRun(bench, training, settings, Path(folder), None)
        before = resident_mb()
        n_steps = len(data.items) // batch_size
        for step in range(n_steps):
            run.step([list(range(step * batch_size, (step + 1) * batch_size))])
    print(before, resident_mb())


def compare_memory() -> None:
    """Prints the peaks of one fresh process per case, all training on the same items."""
    print("| memory | peak RSS, MB | of that for steps, MB |\n|---|---|---|")
    for batch_size, chunk_size in MEMORY_CASES:
        case = ["--memory-of", str(batch_size), str(chunk_size)]
        done = subprocess.run(
            [sys.executable, __file__, *case, "--threads", "1"],
            check=True,
            capture_output=True,
            text=True,
        )
        before, after = (float(part) for part in done.stdout.split())
        whole = "" if chunk_size == batch_size else f" in chunks of {chunk_size}"
        print(f"| batch {batch_size}{whole} | {after:,.0f} | {after - before:,.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--glosses", type=int, default=5_000)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--only", choices=["training", "retrieval", "memory"], default=None)
    parser.add_argument("--memory-of", type=int, nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if args.memory_of:
        print_memory_of(*args.memory_of)
        return
    if args.only in (None, "training"):
        compare_steps(args.steps)
    if args.only in (None, "retrieval"):
        compare_retrieval(args.items, args.glosses, args.width)
    if args.only in (None, "memory"):
        compare_memory()


if __name__ == "__main__":
    main()
