"""What training and evaluation show on stderr."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pipeline.cli.live import live, span
from schemas.shown import printable

if TYPE_CHECKING:
    from trainer.progress import TaskProgress
    from trainer.training.reporting import TrainingProgress

_EVERY_S = 5.0
_BESIDE_THE_BAR = 44
_SETTLED_S = 1.0
"""A shorter task is not worth a line, nor its pace a forecast."""


def quiet_libraries() -> None:
    """Keeps the model libraries from drawing bars and notices of their own."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def print_tables(titled: Iterable[tuple[str, list[list[str]]]]) -> None:
    """Titled tables on stdout, the first row of each being its header."""
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, width=130)
    for title, rows in titled:
        table = Table(title=title, title_justify="left")
        for name in rows[0]:
            table.add_column(name)
        for row in rows[1:]:
            table.add_row(*map(printable, row))
        console.print(table)


class TrainingDisplay:
    """What is said, at once; steps and long tasks live on a terminal, as lines elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = monotonic()
        self._training: TrainingProgress | None = None
        self._task: TaskProgress | None = None
        self._task_since = self._task_told = 0.0

    def say(self, text: str) -> None:
        """One line; above the bars where there are any."""
        self._console.print(printable(text), markup=False, emoji=False, soft_wrap=True)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Shows steps and long tasks that are done inside."""
        from trainer.progress import progress_told_to

        with progress_told_to(self.task):
            if not self._console.is_interactive:
                yield
                return
            with live(self._console, self._live):
                yield

    def step(self, progress: TrainingProgress) -> None:
        """After an optimiser step, and after an epoch."""
        self._training = None if progress.finished else progress
        self._now_and_then(lambda: log_line(progress))

    def task(self, task: TaskProgress) -> None:
        """At the beginning of a long task, after each part of it, and at its end."""
        if self._task is None or task.title != self._task.title:
            self._task_since = monotonic()
        self._task_told = monotonic()
        self._task = task if task.done < task.total else None
        if self._long_task is not None:
            self._now_and_then(lambda: self._task_line(task))

    @property
    def _long_task(self) -> TaskProgress | None:
        return self._task if monotonic() - self._task_since >= _SETTLED_S else None

    def _now_and_then(self, text: Callable[[], str]) -> None:
        if not self._console.is_interactive and monotonic() - self._last >= _EVERY_S:
            self._last = monotonic()
            self.say(text())

    def _task_line(self, task: TaskProgress) -> str:
        text = f"{task.title}: {task.done:,} of {task.total:,}"
        if not task.done:
            return text
        # At the pace of what is done: a part under way would look like a slower and slower one.
        left = (self._task_told - self._task_since) / task.done * (task.total - task.done)
        left -= monotonic() - self._task_told
        return f"{text}, about {span(max(0.0, left))} left"

    def _live(self) -> RenderableType:
        # The steps' bar is gone while the ranker is fitted: it would stand still at its end.
        rows: list[RenderableType] = []
        progress, task = self._training, self._long_task
        if progress is not None:
            epoch = f"epoch {progress.epoch} of {progress.all_epochs}"
            step = f"step {progress.steps:,} of {progress.all_steps:,}"
            rows.append(self._bar(epoch, progress.steps, progress.all_steps, step))
            rows.append(Text(state_line(progress)))
        if task is not None:
            rows.append(Text(self._task_line(task)))
        return Group(*rows)

    def _bar(self, head: str, done: int, total: int, tail: str) -> RenderableType:
        width = min(40, max(8, self._console.width - _BESIDE_THE_BAR))
        grid = Table.grid(padding=(0, 2))
        grid.add_row(Text(head, style="bold"), ProgressBar(total, done, width), tail)
        return grid


def log_line(progress: TrainingProgress) -> str:
    """A line for a log."""
    best = "" if progress.best is None else f", best validation {progress.best:.3f}"
    return f"epoch {progress.epoch}, step {progress.steps}, loss {progress.loss:.4f}{best}"


def state_line(progress: TrainingProgress) -> str:
    """What stands below the bar."""
    parts = [f"loss {progress.loss:.4f}", f"{progress.samples_per_second:,.0f} samples/s"]
    if progress.best is not None:
        parts.append(f"best validation {progress.best:.3f}")
    if progress.seconds_left is not None:
        parts.append(f"about {span(progress.seconds_left)} left")
    return ", ".join(parts)
