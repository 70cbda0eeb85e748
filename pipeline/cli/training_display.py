"""What training and evaluation show on stderr."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pipeline.cli.live import live, span

if TYPE_CHECKING:
    from trainer.training.standing import Standing
    from trainer.work import Work

_EVERY_S = 5.0
_BESIDE_THE_BAR = 44
_SETTLED_S = 1.0
"""Shorter work is not worth a line, nor its pace a forecast."""


def quiet_libraries() -> None:
    """Keeps the model libraries from drawing bars and notices of their own."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


class TrainingDisplay:
    """What is said, at once; steps and long work as live bars on a terminal, as lines elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = monotonic()
        self._standing: Standing | None = None
        self._work: Work | None = None
        self._work_since = 0.0

    def say(self, text: str) -> None:
        """One line; above the bars where there are any."""
        self._console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Shows steps and long work that is done inside."""
        from trainer.work import heard_by

        with heard_by(self.work):
            if not self._console.is_interactive:
                yield
                return
            with live(self._console, self._live):
                yield

    def step(self, standing: Standing) -> None:
        """After an optimiser step, and after an epoch."""
        self._standing = None if standing.finished else standing
        self._now_and_then(lambda: line(standing))

    def work(self, work: Work) -> None:
        """At the beginning of long work, after each part of it, and at its end."""
        if self._work is None or work.title != self._work.title:
            self._work_since = monotonic()
        self._work = work if work.done < work.total else None
        if self._long_work is not None:
            self._now_and_then(lambda: self._work_line(work))

    @property
    def _long_work(self) -> Work | None:
        return self._work if monotonic() - self._work_since >= _SETTLED_S else None

    def _now_and_then(self, text: Callable[[], str]) -> None:
        if not self._console.is_interactive and monotonic() - self._last >= _EVERY_S:
            self._last = monotonic()
            self.say(text())

    def _work_line(self, work: Work) -> str:
        text = f"{work.title}: {work.done:,} of {work.total:,}"
        if not work.done:
            return text
        left = (monotonic() - self._work_since) / work.done * (work.total - work.done)
        return f"{text}, about {span(left)} left"

    def _live(self) -> RenderableType:
        # The steps' bar is gone while the ranker is fitted: it would stand still at its end.
        rows: list[RenderableType] = []
        standing, work = self._standing, self._long_work
        if standing is not None:
            epoch = f"epoch {standing.epoch} of {standing.all_epochs}"
            step = f"step {standing.steps:,} of {standing.all_steps:,}"
            rows.append(self._bar(epoch, standing.steps, standing.all_steps, step))
            rows.append(Text(figures(standing)))
        if work is not None:
            rows.append(Text(self._work_line(work)))
        return Group(*rows)

    def _bar(self, head: str, done: int, total: int, tail: str) -> RenderableType:
        width = min(40, max(8, self._console.width - _BESIDE_THE_BAR))
        grid = Table.grid(padding=(0, 2))
        grid.add_row(Text(head, style="bold"), ProgressBar(total, done, width), tail)
        return grid


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
