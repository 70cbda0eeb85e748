"""Everything needed to go on as if nothing had happened, without pickles."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from schemas.errors import StorageError
from schemas.files import explained, replacing

_TENSORS, _STATE = "state.safetensors", "state.json"


@dataclass(slots=True)
class TrainingState:
    """Where the training stands: ``window`` optimiser steps of ``epoch`` are done."""

    epoch: int = 0
    window: int = 0
    step: int = 0
    best: float | None = None
    best_epoch: int = -1
    epochs_without_gain: int = 0
    loss_sum: float = 0.0
    n_seen: int = 0
    finished: bool = False
    settings: str = ""
    scaler: dict[str, float] = field(default_factory=dict)


def learned_state(module: nn.Module) -> dict[str, Tensor]:
    """The module's state without its frozen parameters, which training cannot change."""
    frozen = {name for name, p in module.named_parameters() if not p.requires_grad}
    return {name: value for name, value in module.state_dict().items() if name not in frozen}


def load_learned_state(module: nn.Module, state: dict[str, Tensor]) -> None:
    """Restores what :func:`learned_state` gave; RuntimeError where it does not fit."""
    missing, unexpected = module.load_state_dict(state, strict=False)
    lacking = set(missing) & set(learned_state(module))
    if lacking or unexpected:
        raise RuntimeError(f"missing {sorted(lacking)}, unexpected {unexpected}")


def random_states() -> dict[str, Tensor]:
    """The states of this process's generators, by the kind of their device."""
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def save_checkpoint(
    folder: Path,
    modules: dict[str, nn.Module],
    optimiser: Optimizer,
    state: TrainingState,
    random: dict[str, list[Tensor]],
) -> None:
    """Writes tensors and state into ``folder``; a crash leaves the old or the new one.

    ``random`` has the :func:`random_states` of every process, in the order of their ranks.
    """
    tensors: dict[str, Tensor] = {}
    for prefix, module in modules.items():
        for name, value in learned_state(module).items():
            tensors[f"{prefix}:{name}"] = value.detach().cpu().contiguous().clone()
    for at, own in optimiser.state_dict()["state"].items():
        for name, value in own.items():
            tensors[f"optimiser:{at}:{name}"] = torch.as_tensor(value).cpu().contiguous().clone()
    for kind, states in random.items():
        for rank, random_state in enumerate(states):
            tensors[f"random:{kind}:{rank}"] = random_state.cpu()
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{state.step:09d}"
    with replacing(folder / f"{name}.{_TENSORS}") as temporary:
        save_file(tensors, temporary)
    with replacing(folder / _STATE) as temporary:
        temporary.write_bytes(orjson.dumps({"tensors": name, **asdict(state)}))
    for old in folder.glob(f"*.{_TENSORS}"):
        if old.name != f"{name}.{_TENSORS}":
            old.unlink()


def load_training_state(folder: Path) -> TrainingState | None:
    """The training's state in a checkpoint folder, or None where nothing was saved."""
    if not (folder / _STATE).exists():
        return None
    with explained(folder):
        fields = orjson.loads((folder / _STATE).read_bytes())
    fields.pop("tensors")
    return TrainingState(**fields)


def load_checkpoint(
    folder: Path, modules: dict[str, nn.Module], optimiser: Optimizer, rank: int = 0
) -> TrainingState | None:
    """Restores modules, optimiser and random states in place; None where nothing was saved.

    The random states are those of the process ``rank``.
    """
    state = load_training_state(folder)
    if state is None:
        return None
    with explained(folder):
        name = orjson.loads((folder / _STATE).read_bytes())["tensors"]
        tensors = load_file(folder / f"{name}.{_TENSORS}")
    try:
        for prefix, module in modules.items():
            own = {
                key.partition(":")[2]: value
                for key, value in tensors.items()
                if key.startswith(f"{prefix}:")
            }
            load_learned_state(module, own)
    except RuntimeError as error:
        raise StorageError(
            f"{folder}: the checkpoint does not fit the model: delete it to start anew"
        ) from error
    saved = optimiser.state_dict()
    states: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith("optimiser:"):
            _, at, field_name = key.split(":")
            states.setdefault(int(at), {})[field_name] = value
    saved["state"] = states
    optimiser.load_state_dict(saved)
    torch.set_rng_state(tensors[f"random:cpu:{rank}"])
    if torch.cuda.is_available() and f"random:cuda:{rank}" in tensors:
        torch.cuda.set_rng_state(tensors[f"random:cuda:{rank}"])
    return state


def remove_checkpoint(folder: Path) -> None:
    """Deletes a checkpoint folder, if it is there."""
    if folder.exists():
        with explained(folder):
            shutil.rmtree(folder)
