"""Half precision and the gradient scaler, as far as they run without a GPU.

A CPU trains in fp32; these tests give it the autocast and the scaler that a GPU gets.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_release import tiny_settings

from schemas.errors import UsageError
from trainer.data import WsdData
from trainer.settings import TrainSettings
from trainer.training.components import build_components
from trainer.training.dataset import training_set
from trainer.training.loop import TrainingRun
from trainer.training.reporting import TrainingProgress
from trainer.training.run import training_identity
from trainer.training.step import precision_of


class KilledError(Exception):
    """Stands for a process that is killed."""


def run_in(
    dtype: torch.dtype, data: WsdData, folder: Path, scale: float = 2.0**10, **changes: object
) -> TrainingRun:
    """A training whose encoder computes in ``dtype``; the scaler doubles its scale every step."""
    settings = tiny_settings(**changes)
    components = build_components(data, settings, folder / "cache")
    training = training_set(data.split("train"), data.inventory, components.inputs)
    run = TrainingRun(
        components, training, settings, training_identity(data, settings), folder, None
    )
    run.stepper.dtype = dtype
    if dtype is torch.float16:
        run.stepper.scaler = torch.amp.GradScaler("cpu", init_scale=scale, growth_interval=1)
    return run


def test_half_precision_without_a_gpu_is_refused() -> None:
    with pytest.raises(UsageError, match="needs a GPU"):
        precision_of(TrainSettings(precision="bf16"), torch.device("cpu"))
    assert precision_of(TrainSettings(), torch.device("cpu")) is torch.float32


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("chunk_size", [None, 3])
def test_losses_follow_those_of_fp32(
    data: WsdData, tmp_path: Path, dtype: torch.dtype, chunk_size: int | None
) -> None:
    losses = {}
    for kind in (torch.float32, dtype):
        run = run_in(kind, data, tmp_path / str(kind), dropout=0.0, chunk_size=chunk_size)
        run.components.model.train(False)
        losses[kind] = [run.stepper.step([list(range(8)), [8, 9, 10]]) for _ in range(6)]
    assert losses[dtype] == pytest.approx(losses[torch.float32], rel=0.02)
    assert losses[dtype] != losses[torch.float32]
    assert losses[dtype][-1] < losses[dtype][0]


def test_a_step_whose_gradients_overflow_is_skipped_and_the_scale_halved(
    data: WsdData, tmp_path: Path
) -> None:
    """Even the first one, which torch's own schedules warn of; the schedule goes on."""
    run = run_in(torch.float16, data, tmp_path, scale=2.0**40)
    before = {name: value.clone() for name, value in run.components.model.state_dict().items()}
    run.stepper.step([list(range(8))])
    assert run.stepper.scaler.get_scale() == 2.0**39
    assert run.stepper.schedule.step == 1
    for name, value in run.components.model.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_killed_and_resumed_goes_on_with_the_scale(data: WsdData, tmp_path: Path) -> None:
    """The same bits in fp16, as in fp32."""
    changes = {"epochs": 2, "checkpoint_steps": 2}
    straight = run_in(torch.float16, data, tmp_path / "straight", **changes)
    straight.run()

    def kill(progress: TrainingProgress) -> None:
        if progress.steps == 3:
            raise KilledError

    with pytest.raises(KilledError):
        run_in(torch.float16, data, tmp_path / "killed", **changes).run(kill)
    last = run_in(torch.float16, data, tmp_path / "killed", **changes)
    last.run()
    assert last.stepper.scaler.state_dict() == straight.stepper.scaler.state_dict()
    assert last.stepper.scaler.get_scale() > 2.0**10
    for name, value in straight.components.model.state_dict().items():
        assert torch.equal(value, last.components.model.state_dict()[name]), name
