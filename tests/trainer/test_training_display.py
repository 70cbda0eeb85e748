"""What a training shows: a live bar on a terminal, lines elsewhere."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from pipeline.cli import training_display
from pipeline.cli.live import span
from pipeline.cli.training_display import TrainingDisplay, state_line
from trainer.progress import TaskProgress
from trainer.training.reporting import TrainingProgress

NOW = TrainingProgress(2, 5, 40, 100, 10, 640, 5.0, 0.51234, 0.625)
PARTS = ("epoch 2 of 5", "step 40 of 100", "loss 0.5123", "128 samples/s", "validation 0.625")


def shown(progress: TrainingProgress, terminal: bool) -> str:
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=terminal, width=100, _environ={"TERM": "xterm"}, color_system=None
    )
    display = TrainingDisplay(console)
    with display.shown():
        display.say("12 training examples")
        display.step(progress)
    return out.getvalue()


def test_a_terminal_has_a_bar_with_all_state_line() -> None:
    text = shown(NOW, True)
    for part in (*PARTS, "30 s left", "━", "12 training examples"):
        assert part in text
    assert text.rstrip().endswith("\x1b[2K")  # wiped at the end


def test_the_bar_fits_a_narrow_terminal() -> None:
    out = io.StringIO()
    environment = {"TERM": "xterm"}
    display = TrainingDisplay(
        Console(file=out, force_terminal=True, width=60, _environ=environment, color_system=None)
    )
    display.step(replace(NOW, steps=123_456, all_steps=999_999, epoch=10, all_epochs=100))
    with display.shown():
        pass
    bar = next(text for text in out.getvalue().splitlines() if "━" in text)
    assert "step 123,456 of 999,999" in bar


def test_the_bar_goes_when_training_has_ended() -> None:
    ended = TrainingProgress(5, 5, 100, 100, 10, 640, 5.0, 0.5, 0.6, finished=True)
    assert "━" not in shown(ended, True)


def test_elsewhere_there_are_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(NOW, False) == "12 training examples\n"
    monkeypatch.setattr(training_display, "_EVERY_S", 0.0)
    assert shown(NOW, False) == (
        "12 training examples\nepoch 2, step 40, loss 0.5123, best validation 0.625\n"
    )


def test_what_is_unknown_is_not_shown() -> None:
    assert state_line(TrainingProgress(1, 5, 0, 100, 0, 0, 0.0, 0.5)) == "loss 0.5000, 0 samples/s"


@pytest.mark.parametrize(
    ("seconds", "text"), [(4.4, "4 s"), (59.7, "1 min 00 s"), (3725.0, "1 h 02 min")]
)
def test_time_as_people_say_it(seconds: float, text: str) -> None:
    assert span(seconds) == text


def worked(monkeypatch: pytest.MonkeyPatch, terminal: bool, seconds: float) -> str:
    """What is shown of work of which 30 of 90 items have taken so many seconds."""
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=terminal, width=100, _environ={"TERM": "xterm"}, color_system=None
    )
    now = 100.0
    monkeypatch.setattr(training_display, "monotonic", lambda: now)
    display = TrainingDisplay(console)
    display.task(TaskProgress("reading", 0, 90))
    now += seconds
    with display.shown():
        display.task(TaskProgress("reading", 30, 90))
    with display.shown():
        display.task(TaskProgress("reading", 90, 90))
    return out.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_long_work_tells_how_much_is_left(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    text = worked(monkeypatch, terminal, 10.0)
    assert text.count("reading: 30 of 90, about 20 s left") == 1
    assert "90 of 90" not in text


@pytest.mark.parametrize("terminal", [True, False])
def test_short_work_is_not_shown(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    assert "reading" not in worked(monkeypatch, terminal, 0.5)


def test_the_time_left_does_not_grow_while_a_part_is_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """30 of 90 items after 10 s: 20 s are left, and 15 s five seconds later, never 30 s."""
    now = 100.0
    monkeypatch.setattr(training_display, "monotonic", lambda: now)
    display = TrainingDisplay(Console(file=io.StringIO()))
    display.task(TaskProgress("reading", 0, 90))
    now += 10.0
    display.task(TaskProgress("reading", 30, 90))
    seen = []
    for later in (0.0, 5.0, 40.0):
        now = 110.0 + later
        seen.append(display._task_line(TaskProgress("reading", 30, 90)))
    assert seen == [f"reading: 30 of 90, about {left} left" for left in ("20 s", "15 s", "0 s")]
