"""Stage ``split`` gives every selected context its part, and forgets nothing that decides it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pipeline.engine.stage import Stage
from pipeline.select.records import SelectedContext
from pipeline.split.records import Assignment
from pipeline.split.settings import SplitSettings
from schemas.records import Sense, Split
from testing.scripted import Finished, run_stage
from tests.pipeline.split.test_split import demo_like
from tests.pipeline.stages.bound import bound_stages


def stage(folder: Path, **settings: object) -> Stage:
    return bound_stages(folder, SplitSettings(**settings))["split"]  # type: ignore[arg-type]


def run(folder: Path, **settings: object) -> Finished:
    senses, rows = demo_like()
    inputs = {
        "synsets": {"senses": (Sense, senses)},
        "select": {"selected": (SelectedContext, rows)},
    }
    return run_stage(stage(folder, **settings), inputs, folder, lambda *_: "nobody asks")


def test_every_row_has_a_part_and_the_counts_say_so(tmp_path: Path) -> None:
    done = run(tmp_path)
    rows = done.rows("splits", Assignment)
    assert [row.context_id for row in rows] == [row.context_id for row in demo_like()[1]]
    by_part = Counter(row.split for row in rows)
    assert set(by_part) == set(Split)
    counts = done.manifest.counts
    assert {part: counts[part.value] for part in Split} == by_part
    assert counts["rows"] == len(rows)
    assert counts["excluded"] == 0


def test_every_setting_is_part_of_the_fingerprint(tmp_path: Path) -> None:
    settings = stage(tmp_path).settings()
    # The earlier release by its content, in test_split_previous.
    assert set(settings) == set(SplitSettings.model_fields) - {"previous"}
    assert stage(tmp_path, seed=1).settings() != settings


def test_another_seed_is_another_output_beside_the_first(tmp_path: Path) -> None:
    first, second = run(tmp_path), run(tmp_path, seed=1)
    assert first.output.folder != second.output.folder
    assert first.rows("splits", Assignment) != second.rows("splits", Assignment)
    assert run(tmp_path).output.folder == first.output.folder
