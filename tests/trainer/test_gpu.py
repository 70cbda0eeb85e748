"""What only a GPU can show: half precision, CUDA's random states, memory, NCCL."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from joint_training import CHUNKS, KilledError, steps
from safetensors.torch import load_file
from tiny_release import tiny_settings
from torch import distributed as dist

from trainer.data import WsdData
from trainer.settings import SmallEncoderSettings
from trainer.training.components import build_components
from trainer.training.dataset import training_set
from trainer.training.distributed import ProcessGroup
from trainer.training.loop import TrainingRun
from trainer.training.reporting import TrainingProgress
from trainer.training.run import training_identity

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="needs a GPU with CUDA: this machine has none"
)
WINDOW = [list(range(8)), [8, 9, 10]]


def run_on_gpu(data: WsdData, folder: Path, **changes: object) -> TrainingRun:
    settings = tiny_settings(**changes)
    components = build_components(data, settings, folder / "cache")
    training = training_set(data.split("train"), data.inventory, components.inputs)
    run = TrainingRun(
        components, training, settings, training_identity(data, settings), folder, None
    )
    assert run.stepper.device.type == "cuda"
    return run


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
@pytest.mark.parametrize("chunk_size", [None, 3])
def test_half_precision_learns_as_fp32(
    data: WsdData, tmp_path: Path, precision: str, chunk_size: int | None
) -> None:
    """fp16 skips its first steps until the scale fits; the losses after them are the same."""
    losses, skipped = {}, 0
    for kind in ("fp32", precision):
        run = run_on_gpu(
            data,
            tmp_path / kind,
            precision=kind,
            chunk_size=chunk_size,
            warm_up=0.0,
            decay="constant",
        )
        run.components.model.train(False)
        losses[kind] = [run.stepper.step(WINDOW) for _ in range(20)]
        if run.stepper.scaler.is_enabled():
            skipped = round(math.log2(2.0**16 / run.stepper.scaler.get_scale()))
    assert (skipped < 10) if precision == "fp16" else (skipped == 0)
    assert losses["fp32"][-1] < 0.5 * losses["fp32"][0]
    whole = losses["fp32"][: 20 - skipped]
    assert losses[precision][skipped:] == pytest.approx(whole, rel=0.05)


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_killed_and_resumed_follows_the_same_losses(
    data: WsdData, tmp_path: Path, precision: str
) -> None:
    """Dropout on, so that the losses agree only if CUDA's random state goes on too."""
    changes = {"epochs": 3, "checkpoint_steps": 2, "precision": precision}
    straight = run_on_gpu(data, tmp_path / "straight", **changes)
    straight.run()
    random = torch.cuda.get_rng_state()

    def kill(progress: TrainingProgress) -> None:
        if progress.steps == 5:
            raise KilledError

    with pytest.raises(KilledError):
        run_on_gpu(data, tmp_path / "killed", **changes).run(kill)
    last = run_on_gpu(data, tmp_path / "killed", **changes)
    last.run()
    assert torch.equal(torch.cuda.get_rng_state(), random)
    assert last.stepper.scaler.state_dict() == straight.stepper.scaler.state_dict()
    lines = [(tmp_path / n / "metrics.jsonl").read_text() for n in ("straight", "killed")]
    losses = [[json.loads(line)["loss"] for line in text.splitlines()] for text in lines]
    assert losses[1] == pytest.approx(losses[0], rel=1e-3)


def test_gradient_caching_gives_the_gradients_of_the_whole_batch(
    data: WsdData, tmp_path: Path
) -> None:
    gradients = []
    for name, chunk_size in CHUNKS.items():
        run = run_on_gpu(data, tmp_path / name, precision="fp32", chunk_size=chunk_size)
        run.components.model.train(False)
        run.stepper.add_gradients(list(range(12)), 1.0)
        gradients.append({n: p.grad for n, p in run.components.model.named_parameters()})
    for name, whole in gradients[0].items():
        cached = gradients[1][name]
        if whole is None or cached is None:
            assert whole is cached, name
        else:
            assert torch.allclose(whole, cached, rtol=1e-3, atol=1e-5), name


def test_a_batch_of_768_in_chunks_of_64_needs_less_than_half_the_memory(
    data: WsdData, tmp_path: Path
) -> None:
    small = SmallEncoderSettings(width=256, layers=4, heads=4)
    peaks = {}
    for chunk_size in (64, None):
        run = run_on_gpu(
            data,
            tmp_path / str(chunk_size),
            small=small,
            batch_size=768,
            chunk_size=chunk_size,
            precision="fp32",
        )
        run.components.model.train()
        n = len(run.training)
        run.stepper.step([list(range(8))])  # makes the optimiser's state
        torch.cuda.reset_peak_memory_stats()
        run.stepper.step([[i % n for i in range(768)]])
        peaks[chunk_size] = torch.cuda.max_memory_allocated()
        del run
        torch.cuda.empty_cache()
    assert peaks[64] < 0.5 * peaks[None]


def test_nccl_runs_what_a_process_group_asks_of_it() -> None:
    """In one process: the collectives, with the kinds of numbers they get."""
    device = torch.device("cuda", 0)
    dist.init_process_group("nccl", store=dist.HashStore(), rank=0, world_size=1, device_id=device)
    try:
        for tensor in (torch.rand(3, 2, device=device), torch.get_rng_state().to(device)):
            received = [torch.zeros_like(tensor)]
            dist.all_gather(received, tensor)
            assert torch.equal(received[0], tensor)
        used = torch.tensor([True, False], dtype=torch.int, device=device)
        dist.all_reduce(used, dist.ReduceOp.MAX)
        value = torch.full((1,), 0.5, dtype=torch.float64, device=device)
        dist.broadcast(value, 0)
        dist.all_reduce(value, async_op=True).wait()
        dist.barrier()
        assert (used.tolist(), float(value)) == ([1, 0], 0.5)
    finally:
        dist.destroy_process_group()


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two GPUs")
def test_two_gpus_train_as_one(release_folder: Path, tmp_path: Path) -> None:
    script = Path(__file__).parent / "joint_training.py"
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    subprocess.run(
        [*torchrun, script, release_folder, tmp_path, "cuda"],
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        timeout=200,
        check=True,
    )
    for name, chunk_size in CHUNKS.items():
        alone = steps(release_folder, tmp_path / f"alone {name}", ProcessGroup(), chunk_size)
        found = load_file(tmp_path / f"steps in {name}.safetensors")
        for key, value in alone.items():
            assert torch.allclose(found[key], value.cpu(), rtol=1e-2, atol=1e-4), key
