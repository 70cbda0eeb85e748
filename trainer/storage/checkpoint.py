"""Everything needed to go on as if nothing had happened, in one file without pickles."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from schemas.errors import StorageError, UsageError
from schemas.files import explained, replacing

_STATE = "state"


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
    path: Path,
    modules: dict[str, nn.Module],
    optimiser: Optimizer,
    state: TrainingState,
    random: dict[str, list[Tensor]],
) -> None:
    """Writes tensors and state into one file; a crash leaves the old or the new one.

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
    with replacing(path) as temporary:
        save_file(tensors, temporary, metadata={_STATE: orjson.dumps(asdict(state)).decode()})


def load_checkpoint(
    path: Path, modules: dict[str, nn.Module], optimiser: Optimizer, settings: str, rank: int = 0
) -> TrainingState | None:
    """Restores modules, optimiser and random states in place; None where nothing was saved.

    The random states are those of the process ``rank``. Raises UsageError for a checkpoint of other
    ``settings``, StorageError for one that cannot be read or does not fit.
    """
    if not path.exists():
        return None
    try:
        with explained(path), safe_open(path, framework="pt") as file:
            state = TrainingState(**orjson.loads(file.metadata()[_STATE]))
            if state.settings != settings:
                raise UsageError(
                    f"{path} belongs to other settings or data: delete it or choose another folder"
                )
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        for prefix, module in modules.items():
            load_learned_state(module, _under(prefix, tensors))
        saved = optimiser.state_dict()
        saved["state"] = {}
        for key, value in _under("optimiser", tensors).items():
            at, _, name = key.partition(":")
            saved["state"].setdefault(int(at), {})[name] = value
        optimiser.load_state_dict(saved)
        torch.set_rng_state(tensors[f"random:cpu:{rank}"])
        if torch.cuda.is_available() and f"random:cuda:{rank}" in tensors:
            torch.cuda.set_rng_state(tensors[f"random:cuda:{rank}"])
    except (ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise StorageError(
            f"{path}: the checkpoint is damaged or does not fit the model: delete it to start anew"
        ) from error
    return state


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    start = f"{prefix}:"
    return {k.removeprefix(start): value for k, value in tensors.items() if k.startswith(start)}
