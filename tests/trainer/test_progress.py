"""Long work is counted to the end, and told once however deep it lies."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from tiny_release import tiny_settings

from trainer.data import WsdData
from trainer.evaluation.run import evaluate_model
from trainer.progress import TaskProgress, progress_of, progress_told_to
from trainer.saved.model_folder import SavedModel
from trainer.settings import EvaluateSettings
from trainer.training.run import train_model


def test_nobody_need_listen() -> None:
    with progress_of("reading", 3) as done:
        done(3)


def test_work_inside_of_work_keeps_quiet() -> None:
    heard: list[TaskProgress] = []
    with progress_told_to(heard.append), progress_of("outer", 4) as done:
        with progress_of("inner", 10) as inner:
            inner(10)
        done(4)
    with progress_of("afterwards", 1) as done:
        done(1)
    assert heard == [
        TaskProgress("outer", 0, 4),
        TaskProgress("outer", 4, 4),
        TaskProgress("outer", 4, 4),
    ]


def test_work_that_fails_has_ended_too() -> None:
    heard: list[TaskProgress] = []
    with progress_told_to(heard.append):
        with pytest.raises(ValueError, match="no"), progress_of("reading", 9) as done:
            done(2)
            raise ValueError("no")
        with progress_of("next", 1):
            pass
    assert [w.done for w in heard] == [0, 2, 9, 0, 1]


def counted(heard: list[TaskProgress]) -> dict[str, int]:
    """How many items each kind of work counted, all of which were counted, part by part."""
    starts = [at for at, now in enumerate(heard) if now.done == 0 < now.total]
    found: dict[str, int] = {}
    for start, end in pairwise([*starts, len(heard)]):
        *_, last_part, ended = heard[start:end]
        assert last_part == ended
        assert ended.done == ended.total
        found[ended.title] = found.get(ended.title, 0) + ended.total
    return found


def test_a_training_and_an_evaluation_count_all_that_takes_long(
    data: WsdData, tmp_path: Path, decoder: str
) -> None:
    settings = tiny_settings(backbone=decoder, freeze_backbone=True, epochs=1)
    heard: list[TaskProgress] = []
    with progress_told_to(heard.append):
        train_model(data, settings, tmp_path, notify=lambda _: None)
    kinds = {"encoding texts", "segmenting sentences", "reading glosses with sentences"}
    assert counted(heard).keys() == kinds
    assert counted(heard)["segmenting sentences"] >= len(data.split("train"))
    heard.clear()
    with progress_told_to(heard.append):
        evaluate_model(
            SavedModel.open(tmp_path / "model"), data, EvaluateSettings(), notify=lambda _: None
        )
    assert counted(heard).keys() == kinds | {"training the bi-encoder"}
