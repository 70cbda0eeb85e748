"""A tiny training for several processes: ``python joint_training.py RELEASE OUT DEVICE``.

The leading process writes what each step came to into ``OUT``; the tests compare it with what one
process alone finds.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent))

from tiny_release import VI, tiny_settings

from trainer.data.release import read_release
from trainer.settings import ObjectiveSettings
from trainer.training.components import build_components
from trainer.training.dataset import training_set
from trainer.training.distributed import (
    ProcessGroup,
    leave_process_group,
    process_group_from_environment,
)
from trainer.training.loop import TrainingRun
from trainer.training.reporting import TrainingProgress
from trainer.training.run import training_identity

BATCHES = ([0, 7, 1, 8, 2, 9, 3], [4, 5], [6])
"""The last two leave one or more of three processes without a row."""
CHUNKS = {"whole": None, "chunks": 2}


class KilledError(Exception):
    """Stands for a process that is killed."""


def run_of(release: Path, folder: Path, processes: ProcessGroup, **changes: object) -> TrainingRun:
    """A fresh model over the release, ready to train in ``folder``."""
    data = read_release(release, VI)
    objective = ObjectiveSettings(learned_temperature=True)
    settings = tiny_settings(batch_size=9, objective=objective, precision="fp32", **changes)
    components = build_components(data, settings, folder / f"glosses{processes.rank}")
    training = training_set(data.split("train"), data.inventory, components.inputs)
    return TrainingRun(
        components,
        training,
        settings,
        training_identity(data, settings),
        folder,
        lambda _: 0.5,
        processes,
    )


def steps(
    release: Path, folder: Path, processes: ProcessGroup, chunk_size: int | None
) -> dict[str, Tensor]:
    """Loss and gradients of steps on BATCHES, and the parameters after them; no dropout."""
    run = run_of(release, folder, processes, chunk_size=chunk_size)
    run.components.model.train(False)
    parameters = dict(
        [*run.components.model.named_parameters(), *run.stepper.objective.named_parameters()]
    )
    found: dict[str, Tensor] = {}
    for at, batch in enumerate(BATCHES):
        found[f"loss {at}"] = torch.tensor(run.stepper.step([batch]))
        for name, parameter in parameters.items():
            if parameter.grad is not None:
                found[f"gradient {at} of {name}"] = parameter.grad.clone()
    return found | {name: parameter.detach().clone() for name, parameter in parameters.items()}


def resumed(
    release: Path, folder: Path, processes: ProcessGroup, killed_at: int | None
) -> dict[str, Tensor]:
    """The weights after two epochs with dropout, killed once after that many steps."""
    changes = {"epochs": 2, "checkpoint_steps": 1, "chunk_size": 2}

    def kill(progress: TrainingProgress) -> None:
        if progress.steps == killed_at:
            raise KilledError

    if killed_at is not None:
        try:
            run_of(release, folder, processes, **changes).run(kill)
        except KilledError:
            torch.manual_seed(99)
    run = run_of(release, folder, processes, **changes)
    run.run()
    return {name: value.clone() for name, value in run.components.model.state_dict().items()}


def main(release: Path, out: Path, device: torch.device) -> None:
    torch.set_num_threads(1)
    processes = process_group_from_environment(device)
    found = {f"steps in {n}": steps(release, out / n, processes, c) for n, c in CHUNKS.items()}
    for name, killed_at in (("straight", None), ("killed", 2)):
        found[name] = resumed(release, out / name, processes, killed_at)
    if processes.is_main:
        for name, tensors in found.items():
            save_file(tensors, out / f"{name}.safetensors")
    leave_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), torch.device(sys.argv[3]))
