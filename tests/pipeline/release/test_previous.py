"""Rows of an earlier release are counted, and one that moved stops the release."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.release.previous import Moved, require_no_moves, since_previous
from pipeline.split.pins import read_pins
from schemas.errors import RunError
from schemas.records import Split
from tests.pipeline.split.test_pins import DRILL, TOOL, VI, WORDS, write_release
from tests.pipeline.split.test_split import row

ROWS = [row(TOOL, n) for n in range(5)] + [row(DRILL, 0)]


def release(folder: Path, *parts: Split | None) -> Path:
    """The rows in these parts, those with None left out."""
    of = {r.context_id: part for r, part in zip(ROWS, parts, strict=True) if part}
    return write_release(folder, WORDS, ROWS, of)


TRAIN, VALIDATION, TEST = Split.TRAIN, Split.VALIDATION, Split.TEST_SEEN


def test_rows_are_kept_gone_new_or_moved(tmp_path: Path) -> None:
    before = release(tmp_path / "a", TRAIN, TRAIN, TRAIN, VALIDATION, None, TEST)
    now = release(tmp_path / "b", TRAIN, TEST, TEST, VALIDATION, TRAIN, None)
    found = since_previous(now, read_pins(before, VI), VI)
    assert (found.rows, found.kept, found.gone, found.new) == (5, 2, 1, 1)
    assert found.moved == (Moved(was=TRAIN, now=TEST, count=2),)
    with pytest.raises(RunError, match="2 rows of the earlier release moved from train to test_s"):
        require_no_moves(found)


def test_where_all_stayed_nothing_stops(tmp_path: Path) -> None:
    before = release(tmp_path / "a", TRAIN, TRAIN, None, TEST, None, None)
    now = release(tmp_path / "b", TRAIN, None, TRAIN, TEST, None, None)
    found = since_previous(now, read_pins(before, VI), VI)
    assert (found.kept, found.gone, found.new, found.moved) == (2, 1, 1, ())
    require_no_moves(found)
