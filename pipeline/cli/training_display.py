"""What training and evaluation show on stderr."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from trainer.training.checkpoint import Progress

_EVERY_S = 5.0


def quiet_libraries() -> None:
    """Keeps the model libraries from drawing bars and notices of their own."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


class TrainingDisplay:
    """Lines about a training: at once what is said, steps every few seconds."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = time.monotonic()

    def say(self, text: str) -> None:
        """One line."""
        self._console.print(text, markup=False, soft_wrap=True)

    def step(self, progress: Progress, loss: float) -> None:
        """After an optimiser step."""
        if time.monotonic() - self._last >= _EVERY_S:
            self._last = time.monotonic()
            best = "" if progress.best is None else f", best validation {progress.best:.3f}"
            self.say(f"epoch {progress.epoch + 1}, step {progress.step}, loss {loss:.4f}{best}")
