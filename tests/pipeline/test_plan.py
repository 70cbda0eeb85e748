"""The plan of a run that has read its synsets and asked nothing yet."""

import subprocess
from pathlib import Path

import pytest

from pipeline.binding import all_stages
from pipeline.config import load_config
from pipeline.engine.folder import RunFolder
from pipeline.plan import StagePlan, make_plan
from pipeline.stages.settings import ContextSettings
from tests.pipeline.mock_run import command, write_run

SENSES = 45


@pytest.fixture(scope="module")
def config_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = write_run(tmp_path_factory.mktemp("run"), "http://127.0.0.1:9/v1")
    *until, _ = command(path)
    subprocess.run([*until, "synsets"], check=True, capture_output=True)
    return path


def _plans(config_path: Path, **contexts: int) -> dict[str, StagePlan]:
    config = load_config(config_path)
    asked = ContextSettings(**contexts)  # type: ignore[arg-type]
    config = config.model_copy(update={"contexts": asked})
    return {
        plan.name: plan
        for plan in make_plan(all_stages(config), RunFolder(config.folder), config.language.replies)
    }


@pytest.mark.parametrize("per_sense", [10, 3, 25])
def test_the_judge_is_planned_for_as_many_contexts_as_are_asked_for(
    config_path: Path, per_sense: int
) -> None:
    """Ten contexts go into one request of the judge."""
    plans = _plans(config_path, per_sense=per_sense)
    assert plans["contexts"].counts == {"contexts": per_sense * SENSES}
    judge = plans["judge"].requests
    assert judge is not None
    assert not judge.exact
    assert judge.total == -(-per_sense * SENSES // 10)


def test_every_synset_is_foreseen_to_get_a_gloss(config_path: Path) -> None:
    assert _plans(config_path)["glosses"].counts == {"glosses": SENSES}
