"""What training and evaluation show on stderr."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pipeline.cli.live import live, span

if TYPE_CHECKING:
    from trainer.training.standing import Standing

_EVERY_S = 5.0
_BESIDE_THE_BAR = 44


def quiet_libraries() -> None:
    """Keeps the model libraries from drawing bars and notices of their own."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


class TrainingDisplay:
    """What is said, at once; steps as a live bar on a terminal, as lines elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = time.monotonic()
        self._standing: Standing | None = None

    def say(self, text: str) -> None:
        """One line; above the bar where there is one."""
        self._console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Shows the bar, on a terminal, from the first step to the end of training."""
        if not self._console.is_interactive:
            yield
            return
        with live(self._console, self._live):
            yield

    def step(self, standing: Standing) -> None:
        """After an optimiser step, and after an epoch."""
        self._standing = None if standing.finished else standing
        if not self._console.is_interactive and time.monotonic() - self._last >= _EVERY_S:
            self._last = time.monotonic()
            self.say(line(standing))

    def _live(self) -> RenderableType:
        # The bar is gone while the ranker is fitted: it would stand still at its end.
        standing = self._standing
        if standing is None:
            return Text("")
        width = min(40, max(8, self._console.width - _BESIDE_THE_BAR))
        bar = ProgressBar(total=standing.all_steps, completed=standing.steps, width=width)
        head = Table.grid(padding=(0, 2))
        head.add_row(
            Text(f"epoch {standing.epoch} of {standing.all_epochs}", style="bold"),
            bar,
            f"step {standing.steps:,} of {standing.all_steps:,}",
        )
        return Group(head, Text(figures(standing)))


def line(standing: Standing) -> str:
    """A line for a log."""
    best = "" if standing.best is None else f", best validation {standing.best:.3f}"
    return f"epoch {standing.epoch}, step {standing.steps}, loss {standing.loss:.4f}{best}"


def figures(standing: Standing) -> str:
    """What stands below the bar."""
    parts = [f"loss {standing.loss:.4f}", f"{standing.samples_per_second:,.0f} samples/s"]
    if standing.best is not None:
        parts.append(f"best validation {standing.best:.3f}")
    if standing.seconds_left is not None:
        parts.append(f"about {span(standing.seconds_left)} left")
    return ", ".join(parts)
