"""What the live displays on a terminal share."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console, RenderableType
from rich.live import Live


def live(console: Console, render: Callable[[], RenderableType]) -> Live:
    """A display that asks ``render`` four times a second what to show, and leaves nothing."""
    return Live(console=console, get_renderable=render, refresh_per_second=4, transient=True)


def span(seconds: float) -> str:
    """Time as people say it, whole seconds at the least."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
