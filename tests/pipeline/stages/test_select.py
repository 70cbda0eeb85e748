"""Stage ``select`` reads the tables of the stages before it, and the auditors' outcomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.engine.stage import Stage
from pipeline.panel.ballots import verdict
from pipeline.select.records import SelectedContext, UnjudgedContext
from pipeline.select.settings import SelectSettings
from pipeline.stages import select as module
from schemas.ids import synset_of
from schemas.records import Context, Gloss, Sense, Verdict, Vote
from testing.scripted import Finished, run_stage
from tests.pipeline.select.test_select import (
    ANH,
    KHOAN_DRILL,
    KHOAN_TOOL,
    KHOAN_WAIT,
    SAID,
    TOOL,
    WAIT,
    sense,
)
from tests.pipeline.stages.bound import bound_stages

CONTEXTS = sorted([ANH, TOOL, WAIT], key=lambda row: row.context_id)


@pytest.fixture
def audited(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the auditors found; empty before the test says something."""
    found: dict[str, str] = {}
    monkeypatch.setattr(module, "run_outcomes", lambda _: found)
    return found


def stage(folder: Path, **settings: object) -> Stage:
    return bound_stages(folder, SelectSettings(**settings))["select"]  # type: ignore[arg-type]


def run(bound: Stage, folder: Path) -> Finished:
    """TOOL was judged another sense's, WAIT got no answer, ANH was confirmed."""
    chosen = {ANH.context_id: KHOAN_DRILL, TOOL.context_id: KHOAN_DRILL}
    verdicts = [
        verdict(
            row.context_id,
            row.sense_id,
            [Vote(judge="judge", sense_id=chosen[row.context_id])],
            synset_of,
        )
        for row in CONTEXTS
        if row.context_id in chosen
    ]
    senses = [sense(name) for name in sorted([KHOAN_DRILL, KHOAN_TOOL, KHOAN_WAIT])]
    glosses = [Gloss(synset_id=f"v-{n}", gloss=f"nghĩa {n}", provenance=SAID) for n in (1, 2, 3)]
    inputs = {
        "synsets": {"senses": (Sense, senses)},
        "glosses": {"glosses": (Gloss, glosses)},
        "contexts": {"contexts": (Context, CONTEXTS)},
        "judge": {
            "verdicts": (Verdict, verdicts),
            "unjudged": (UnjudgedContext, [UnjudgedContext(context_id=WAIT.context_id)]),
        },
    }
    return run_stage(bound, inputs, folder, lambda *_: "nobody asks")


def kept(done: Finished) -> list[str]:
    return [row.sentence for row in done.rows("selected", SelectedContext)]


def test_verdicts_and_what_got_none_decide(tmp_path: Path) -> None:
    done = run(stage(tmp_path), tmp_path)
    assert kept(done) == [ANH.sentence]
    assert dict(done.rejects) == {TOOL.context_id: "judge_disagrees", WAIT.context_id: "unjudged"}
    assert done.manifest.counts["selected"] == 1
    assert done.manifest.codes["unjudged"] == "the judge was asked and gave no valid answer"


def test_settings_can_keep_both(tmp_path: Path) -> None:
    bound = stage(tmp_path, judge_disagreements="flag", unjudged="flag")
    assert sorted(kept(run(bound, tmp_path))) == sorted(row.sentence for row in CONTEXTS)


def test_what_auditors_say_is_part_of_the_fingerprint_and_drops(
    tmp_path: Path, audited: dict[str, str]
) -> None:
    bound = stage(tmp_path)
    before = bound.settings()["audits"]
    audited[ANH.context_id] = "bad"
    assert bound.settings()["audits"] != before == ""
    assert dict(run(bound, tmp_path).rejects)[ANH.context_id] == "audited_bad"
