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

from tiny_release import tiny_settings

from trainer.data.release import read_release
from trainer.identity import training_identity
from trainer.settings import ObjectiveSettings
from trainer.training.distributed import Crew, crew_from_environment, leave_crew
from trainer.training.examples import training_set
from trainer.training.loop import TrainingRun
from trainer.training.standing import Standing
from trainer.workbench import make_workbench

BATCHES = ([0, 7, 1, 8, 2, 9, 3], [4, 5], [6])
"""The last two leave one or more of three processes without a row."""
CHUNKS = {"whole": None, "chunks": 2}


class KilledError(Exception):
    """Stands for a process that is killed."""


def run_of(release: Path, folder: Path, crew: Crew, **changes: object) -> TrainingRun:
    """A fresh model over the release, ready to train in ``folder``."""
    data = read_release(release)
    objective = ObjectiveSettings(learned_temperature=True)
    settings = tiny_settings(batch_size=9, objective=objective, precision="fp32", **changes)
    bench = make_workbench(data, settings, folder / f"glosses{crew.rank}")
    training = training_set(data.split("train"), data.inventory, bench.inputs)
    return TrainingRun(
        bench, training, settings, training_identity(data, settings), folder, lambda: 0.5, crew
    )


def steps(release: Path, folder: Path, crew: Crew, chunk_size: int | None) -> dict[str, Tensor]:
    """Loss and gradients of steps on BATCHES, and the parameters after them; no dropout."""
    run = run_of(release, folder, crew, chunk_size=chunk_size)
    run.bench.model.train(False)
    parameters = dict(
        [*run.bench.model.named_parameters(), *run.stepper.objective.named_parameters()]
    )
    found: dict[str, Tensor] = {}
    for at, batch in enumerate(BATCHES):
        found[f"loss {at}"] = torch.tensor(run.stepper.step([batch]))
        for name, parameter in parameters.items():
            if parameter.grad is not None:
                found[f"gradient {at} of {name}"] = parameter.grad.clone()
    return found | {name: parameter.detach().clone() for name, parameter in parameters.items()}


def resumed(release: Path, folder: Path, crew: Crew, killed_at: int | None) -> dict[str, Tensor]:
    """The weights after two epochs with dropout, killed once after that many steps."""
    changes = {"epochs": 2, "checkpoint_steps": 1, "chunk_size": 2}

    def kill(standing: Standing) -> None:
        if standing.steps == killed_at:
            raise KilledError

    if killed_at is not None:
        try:
            run_of(release, folder, crew, **changes).run(kill)
        except KilledError:
            torch.manual_seed(99)
    run = run_of(release, folder, crew, **changes)
    run.run()
    return {name: value.clone() for name, value in run.bench.model.state_dict().items()}


def main(release: Path, out: Path, device: torch.device) -> None:
    torch.set_num_threads(1)
    crew = crew_from_environment(device)
    found = {f"steps in {n}": steps(release, out / n, crew, c) for n, c in CHUNKS.items()}
    for name, killed_at in (("straight", None), ("killed", 2)):
        found[name] = resumed(release, out / name, crew, killed_at)
    if crew.leads:
        for name, tensors in found.items():
            save_file(tensors, out / f"{name}.safetensors")
    leave_crew()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), torch.device(sys.argv[3]))
