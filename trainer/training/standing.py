"""Where a training stands, for whoever watches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Talk = Callable[[str], None]
"""Hears in lines of text how a training or an evaluation goes."""


@dataclass(frozen=True, slots=True)
class Standing:
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


OnStep = Callable[[Standing], None]
