"""What lemmas, replies, model names and endpoints say reaches the terminal as text."""

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.cli.display import Display
from pipeline.cli.main import exit_code
from pipeline.cli.streams import clean_streams
from pipeline.engine.decide import MustRun
from pipeline.engine.progress import Progress
from pipeline.engine.stage import Stage
from pipeline.llm.meter import Meter
from tests.conftest import TinyRun

HOSTILE = "\x1b]0;mine\x07\x1b[2J[/x][red]"


async def nothing(_: object) -> dict[str, int]:
    return {}


def test_both_streams_are_cleaned_and_given_back(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout, sys.stderr
    with clean_streams():
        sys.stdout.write(HOSTILE)
        sys.stderr.write(HOSTILE)
    assert (sys.stdout, sys.stderr) == before
    shown = capsys.readouterr()
    assert shown.out == shown.err == "\ufffd]0;mine\ufffd\ufffd[2J[/x][red]"


def test_a_hostile_lemma_is_shown_harmless_by_rejects(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    with open(tiny_run.folder / "lexicon" / "noun.plant.csv", "w", encoding="utf-8") as file:
        file.write("5,cây \x1b[2J[/x] bàng\n")
    config = str(tiny_run.config)
    assert exit_code(["run", "-c", config, "--until", "synsets"]) == 0
    assert exit_code(["rejects", "-c", config]) == 0
    shown = capsys.readouterr()
    assert "[/x] bàng" in shown.out
    assert "\x1b" not in shown.out + shown.err


def test_markup_in_a_model_name_neither_counts_nor_crashes(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tiny_run.config.read_text(encoding="utf-8")
    tiny_run.config.write_text(
        text.replace('model = "recorded-replies"', 'model = "[/x]\\u001b[31m"'), encoding="utf-8"
    )
    assert exit_code(["run", "-c", str(tiny_run.config), "--until", "glosses"]) == 0
    assert "\x1b" not in capsys.readouterr().err


def test_a_live_display_shows_markup_and_escapes_as_text() -> None:
    out = io.StringIO()
    shown = Display(Console(file=out, width=80, force_terminal=True), Meter(), HOSTILE)
    stage = Stage(name="glosses", version=1, inputs=(), tables={}, settings=dict, run=nothing)
    progress = Progress("glosses")
    shown.started(stage, MustRun("f", {}, {}, (f"setting {HOSTILE} changed",)), progress)
    progress.begin(5, HOSTILE)
    progress.rejected[HOSTILE] = 2
    with shown.shown():
        pass
    assert "[/x][red]" in out.getvalue()
    assert "\x1b]0;mine" not in out.getvalue()
    assert "\x1b[2J" not in out.getvalue()


def test_a_path_that_is_too_long_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["plan", "-c", "x" * 5000]) == 2
    assert "the path is too long: choose a shorter one" in capsys.readouterr().err


def test_a_run_pid_that_is_a_folder_is_one_line(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny_run.folder / "run.pid").mkdir()
    assert exit_code(["run", "-c", str(tiny_run.config)]) == 1
    assert "this is a folder, a file is wanted" in capsys.readouterr().err


def test_a_run_in_a_place_that_cannot_be_written_to_is_one_line(
    tiny_run: TinyRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny_run.folder / "stages").write_text("a file", encoding="utf-8")
    assert exit_code(["run", "-c", str(tiny_run.config)]) == 1
    assert "a part of the path is a file, not a folder" in capsys.readouterr().err
