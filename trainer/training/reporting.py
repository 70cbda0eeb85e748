"""What a training tells: its progress after each step, and its metrics in a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from schemas.errors import UsageError
from schemas.files import explained, replacing

Notify = Callable[[str], None]
"""Hears in lines of text how a training or an evaluation goes."""


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """After an optimiser step, and again after the validation at an epoch's end.

    ``epoch`` counts from 1; ``steps`` of ``all_steps`` are done, earlier runs included; ``seen``
    items passed in the ``seconds`` of this run, in ``own_steps`` steps, validation and
    checkpoints included. ``best`` is the best validation yet; ``finished`` is true once the
    training has ended, early or not.
    """

    epoch: int
    all_epochs: int
    steps: int
    all_steps: int
    own_steps: int
    seen: int
    seconds: float
    loss: float
    best: float | None = None
    finished: bool = False

    @property
    def samples_per_second(self) -> float:
        """Of this run."""
        return self.seen / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """To the last epoch, at this run's pace; early stopping comes sooner. None: unknown."""
        if not self.own_steps:
            return None
        return self.seconds / self.own_steps * (self.all_steps - self.steps)


OnStep = Callable[[TrainingProgress], None]


class MetricsLog:
    """Appends one JSON line per record; records past ``step`` of an earlier try are cut off."""

    def __init__(self, path: Path, step: int = 0, tensorboard: bool = False) -> None:
        self.path = path
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            kept = []
            if path.exists() and step > 0:
                for line in path.read_bytes().splitlines():
                    try:
                        if orjson.loads(line)["step"] <= step:
                            kept.append(line + b"\n")
                    except orjson.JSONDecodeError:  # the line at which an earlier try was killed
                        break
            with replacing(path) as temporary:
                temporary.write_bytes(b"".join(kept))
        self._board = _board(path.parent / "tensorboard") if tensorboard else None

    def write(self, kind: str, step: int, **values: float) -> None:
        """One record."""
        with explained(self.path), open(self.path, "ab") as file:
            file.write(orjson.dumps({"kind": kind, "step": step, **values}) + b"\n")
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(f"{kind}/{name}", value, step)

    def close(self) -> None:
        """Flushes what TensorBoard still holds."""
        if self._board is not None:
            self._board.close()


def _board(folder: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UsageError("tensorboard = true needs: pip install tensorboard") from error
    return SummaryWriter(str(folder))
