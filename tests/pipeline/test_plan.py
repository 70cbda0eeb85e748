"""The plan of a run that has asked nothing yet says what will be asked."""

import shutil
from pathlib import Path

import pytest

from pipeline.binding import all_stages
from pipeline.cli.main import exit_code
from pipeline.config import load_config
from pipeline.engine.folder import RunFolder
from pipeline.plan import StagePlan, free_stages, make_plan
from pipeline.stages.settings import ContextSettings
from testing.mock_server import spawned
from tests.pipeline.mock_run import MOCK, answered, run, write_run
from tests.pipeline.stages.bound import bound_stages

LEMMAS, SENSES = 15, 45


@pytest.fixture(scope="module")
def config_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = write_run(tmp_path_factory.mktemp("run"), "http://127.0.0.1:9/v1")
    run(path, until="synsets")
    return path


def _plans(config_path: Path, **contexts: int) -> dict[str, StagePlan]:
    config = load_config(config_path)
    asked = ContextSettings(**contexts)  # type: ignore[arg-type]
    config = config.model_copy(update={"contexts": asked})
    return {
        plan.name: plan
        for plan in make_plan(all_stages(config), RunFolder(config.folder), config.language)
    }


@pytest.mark.parametrize("per_sense", [10, 3, 25])
def test_the_judge_is_planned_for_as_many_contexts_as_are_asked_for(
    config_path: Path, per_sense: int
) -> None:
    """Ten contexts of a lemma go into one request of the judge, of whatever senses they are."""
    plans = _plans(config_path, per_sense=per_sense)
    assert plans["contexts"].counts == {"contexts": per_sense * SENSES}
    judge = plans["judge"].requests
    assert judge is not None
    assert not judge.exact
    assert judge.total == LEMMAS * -(-3 * per_sense // 10)


def test_a_refill_is_planned_as_if_a_tenth_of_all_sentences_were_dropped(
    config_path: Path,
) -> None:
    """Of ten sentences of a sense one at least, of thirty of a lemma: 1 - 0.9^10, 1 - 0.9^30."""
    plans = _plans(config_path, refill=2)
    asked = {name: plan.requests.total for name, plan in plans.items() if plan.requests}
    others = ("link", "glosses", "rephrase")
    assert {name: n for name, n in asked.items() if name not in others} == {
        "contexts.1": SENSES,
        "judge.1": SENSES,
        "contexts.2": round(SENSES * (1 - 0.9**10)),
        "judge.2": round(LEMMAS * (1 - 0.9**30)),
        "contexts": round(SENSES * (1 - 0.99**10)),
        "judge": round(LEMMAS * (1 - 0.99**30)),
    }
    assert plans["contexts"].remarks == (
        "as if 10% of a pass's sentences were dropped; counted once the pass before is done",
    )


def test_every_synset_is_foreseen_to_get_a_gloss(config_path: Path) -> None:
    assert _plans(config_path)["glosses"].counts == {"glosses": SENSES}


@pytest.mark.parametrize(("limit", "synsets"), [(None, SENSES), (21, 21)])
def test_the_first_plan_on_a_fresh_folder_is_that_of_the_run(
    tmp_path: Path, limit: int | None, synsets: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is free is run for it, so that it counts; the requests are those that are then sent."""
    more = [] if limit is None else ["--limit", str(limit)]
    with spawned("--count-items", *MOCK) as base_url:
        config = write_run(tmp_path / "run", base_url)
        assert exit_code(["plan", "-c", str(config), *more]) == 0
        said = capsys.readouterr().out
        lemmas = synsets // 3  # whose three senses are defined in one request
        assert f"requests    {lemmas:,}: 0 already paid for, {lemmas:,} to send" in said
        assert f"requests to send: {lemmas + 2 * synsets:,}" in said
        run(config, *more)
        capsys.readouterr()
        sent = answered(base_url)
    assert sent["glosses"] >= lemmas
    assert abs(sent["judge"] - synsets) <= 0.05 * synsets
    assert exit_code(["plan", "-c", str(config), *more]) == 0
    assert "no requests to send" in capsys.readouterr().out
    for stage in ("judge", "contexts", "glosses"):  # each lists what it was first asked again
        shutil.rmtree(config.parent / "stages" / stage)
        assert exit_code(["plan", "-c", str(config), *more]) == 0
        n = lemmas if stage == "glosses" else synsets
        paid = f"requests    {n:,}: {n:,} already paid for, 0 to send"
        assert paid in capsys.readouterr().out, stage


def test_a_plan_of_everything_after_a_limited_run_counts_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_run(tmp_path / "run", "http://127.0.0.1:9/v1")
    assert exit_code(["run", "-c", str(config), "--limit", "9", "--until", "synsets"]) == 0
    assert exit_code(["plan", "-c", str(config)]) == 0
    assert f"requests to send: {LEMMAS + 2 * SENSES:,}" in capsys.readouterr().out
    assert exit_code(["status", "-c", str(config)]) == 0
    said = capsys.readouterr().out
    assert "limit      9 synsets, as the last run was told" in said
    assert "synsets    9 synsets, " in said


def test_a_plan_lets_no_free_stage_run_that_no_request_depends_on(tmp_path: Path) -> None:
    stages = bound_stages(tmp_path)
    assert [stage.name for stage in free_stages(list(stages.values()))] == ["synsets", "link"]
