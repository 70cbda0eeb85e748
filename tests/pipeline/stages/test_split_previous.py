"""The stage finds the earlier release that its settings name, or what was published last."""

from __future__ import annotations

from pathlib import Path

from pipeline.select.records import SelectedContext
from pipeline.split.pins import keep_pins
from pipeline.split.records import Assignment
from pipeline.split.settings import SplitSettings
from pipeline.stages.split import PUBLISHED
from schemas.records import Sense, Split
from testing.scripted import Finished, run_stage
from tests.pipeline.split.test_pins import TOOL, WORDS, write_release
from tests.pipeline.split.test_split import row
from tests.pipeline.stages.bound import bound_stages

ROWS = [row(TOOL, n) for n in range(6)]
ODD = {r.context_id: Split.TEST_SEEN if n % 2 else Split.TRAIN for n, r in enumerate(ROWS)}


def split(folder: Path, **settings: object) -> Finished:
    stage = bound_stages(folder, SplitSettings(**settings))["split"]  # type: ignore[arg-type]
    inputs = {
        "synsets": {"senses": (Sense, WORDS)},
        "select": {"selected": (SelectedContext, ROWS)},
    }
    return run_stage(stage, inputs, folder, lambda *_: "nobody asks")


def parts(done: Finished) -> dict[str, Split]:
    return {row.context_id: row.split for row in done.rows("splits", Assignment)}


def test_rows_of_the_release_that_is_named_stay(tmp_path: Path) -> None:
    write_release(tmp_path / "v1", WORDS, ROWS, ODD)
    done = split(tmp_path, previous="v1")
    assert parts(done) == ODD
    assert done.manifest.counts["pinned"] == 6
    assert split(tmp_path, previous="v1").progress is None, "it is up to date"


def test_by_default_rows_that_were_published_stay_and_an_empty_name_frees_them(
    tmp_path: Path,
) -> None:
    free = split(tmp_path)
    assert parts(free) != ODD
    assert "pinned" not in free.manifest.counts
    (tmp_path / PUBLISHED).parent.mkdir()
    keep_pins(write_release(tmp_path / "v1", WORDS, ROWS, ODD), tmp_path / PUBLISHED)
    assert parts(split(tmp_path)) == ODD
    assert parts(split(tmp_path, previous="")) == parts(free)


def test_another_earlier_release_makes_the_split_anew(tmp_path: Path) -> None:
    """What counts is what is in it, not where it lies."""
    write_release(tmp_path / "v1", WORDS, ROWS, ODD)
    write_release(tmp_path / "copy", WORDS, ROWS, ODD)
    write_release(tmp_path / "v2", WORDS, ROWS, dict.fromkeys(ODD, Split.TRAIN))
    split(tmp_path, previous="v1")
    assert split(tmp_path, previous="copy").progress is None
    assert set(parts(split(tmp_path, previous="v2")).values()) == {Split.TRAIN}
