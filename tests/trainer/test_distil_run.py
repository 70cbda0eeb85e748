"""Distilling from a release and measuring: the folder, resuming, figures by hand, bad input."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_release import VI
from transformers import AutoModel

from schemas.errors import InputError, UsageError
from trainer.benchsets.pairs import BenchPair, BenchSet, BenchTarget
from trainer.data import WsdData
from trainer.distil import fit
from trainer.distil.evaluate import (
    BenchCosines,
    evaluate_distilled,
    release_set,
    write_distil_report,
)
from trainer.distil.report import DistilReport
from trainer.distil.run import COLLAPSED, MEAN, distilled_folder, train_distiller
from trainer.distil.scores import score_set
from trainer.evaluation.accuracy import Bootstrap
from trainer.evaluation.word_in_context import area_under_curve
from trainer.meanings.model import DistilledModel
from trainer.settings import DistilEvaluateSettings, DistilSettings
from trainer.states.teacher import Teacher
from trainer.storage.manifest import MANIFEST, write_manifest

ATTENTION = DistilSettings(
    layers="all", distiller="attention", without_negatives=True, epochs=2, batch_size=8, heads=2
)
FEW = DistilEvaluateSettings(bootstrap_samples=20)


@pytest.fixture(scope="module")
def run_folder(data: WsdData, decoder: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("distil")
    train_distiller(data, ATTENTION, decoder, folder, lambda _: None)
    return folder


@pytest.fixture(scope="module")
def model(run_folder: Path) -> DistilledModel:
    return DistilledModel.open(distilled_folder(run_folder))


def test_the_folder_has_all_heads_and_opens_as_it_was_saved(
    model: DistilledModel, data: WsdData
) -> None:
    assert list(model.heads) == [
        MEAN,
        "whitening",
        "linear, substitution",
        "linear, sibling",
        "linear, substitution and sibling",
        "attention",
        COLLAPSED,
    ]
    assert model.about.layers == (0, 1, 2)
    assert model.about.echo
    assert model.about.chosen == MEAN  # nothing shows that another one is better
    marked = [item.marked for item in data.items[:3]]
    vectors = model.vectors(marked)
    assert vectors.shape == (3, 16)
    states = model.standardiser.apply(model.teacher.read(model.teacher.inputs.tokenize_all(marked)))
    assert np.allclose(vectors, model.heads[MEAN].meaning(states), atol=1e-6)
    assert not np.allclose(vectors, model.heads["attention"].context(states), atol=1e-3)


def test_nothing_of_a_test_part_changes_a_saved_number(
    data: WsdData, decoder: str, run_folder: Path, tmp_path: Path
) -> None:
    def changed(item: object) -> object:
        is_test = item.split.startswith("test")  # type: ignore[attr-defined]
        return replace(item, sentence=item.sentence + " khác hẳn") if is_test else item  # type: ignore

    said: list[str] = []
    other = data.having(changed(item) for item in data.items)  # type: ignore[misc]
    train_distiller(other, ATTENTION, decoder, run_folder, said.append)
    assert said == ["up to date: settings, data and backbone are those of the model"]
    made = train_distiller(other, DistilSettings(), decoder, tmp_path / "a", lambda _: None)
    again = train_distiller(data, DistilSettings(), decoder, tmp_path / "b", lambda _: None)
    for name in ("distiller.safetensors", "standardise.safetensors"):
        assert (made / name).read_bytes() == (again / name).read_bytes()


def test_killed_and_started_again_it_ends_with_equal_bytes(
    data: WsdData, decoder: str, run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed right after a checkpoint of the first distillers, dropout and all."""
    save, saved = fit.save_checkpoint, []

    def dying(*arguments: object) -> None:
        save(*arguments)  # type: ignore[arg-type]
        saved.append(arguments[0])
        if len(saved) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(fit, "save_checkpoint", dying)
    with pytest.raises(KeyboardInterrupt):
        train_distiller(data, ATTENTION, decoder, tmp_path, lambda _: None)
    assert not distilled_folder(tmp_path).exists()
    made = train_distiller(data, ATTENTION, decoder, tmp_path, lambda _: None)
    whole = distilled_folder(run_folder)
    for name in ("distiller.safetensors", "standardise.safetensors"):
        assert (made / name).read_bytes() == (whole / name).read_bytes()


def test_losses_of_training_and_validation_are_logged(run_folder: Path) -> None:
    lines = (run_folder / "distil" / "attention" / "metrics.jsonl").read_text().splitlines()
    kinds = [json.loads(line)["kind"] for line in lines]
    assert kinds[:2] == ["train", "validation"]
    assert all(json.loads(line)["loss"] > 0 for line in lines)


def test_reduced_states_make_narrower_vectors(data: WsdData, decoder: str, tmp_path: Path) -> None:
    settings = DistilSettings(reduce=4, proposals="likely")
    made = train_distiller(data, settings, decoder, tmp_path, lambda _: None)
    found = DistilledModel.open(made).vectors([data.items[0].marked])
    assert found.shape == (1, 4)


def test_all_rows_stand_side_by_side(model: DistilledModel, data: WsdData, tmp_path: Path) -> None:
    bench = release_set(data, ("train",))
    report = evaluate_distilled(model, [bench], FEW, tmp_path, lambda _: None)
    names = [row.name for row in report.sets[0].rows]
    assert names.pop(0) == "letters alone"
    assert names[:3] == [
        "static (embeddings)",
        "one copy, last layer",
        "raw mean (the paper's baseline)",
    ]
    assert [n for n in names if n.startswith("one layer (")] == names[3:4]
    assert names[4:] == [
        *list(model.heads)[:6],
        "attention: context",
        COLLAPSED,
        f"{COLLAPSED}: context",
    ]
    base = next(row for row in report.sets[0].rows if row.name == MEAN)
    assert (base.lead.low, base.lead.value, base.lead.high) == (0.0, 0.0, 0.0)
    static = report.sets[0].rows[1]
    assert static.auc is not None
    assert static.auc.value == 0.5  # one form, one embedding
    written = write_distil_report(tmp_path, report)
    assert DistilReport.model_validate_json(written[0].read_bytes()) == report
    assert "| standardised mean | " in written[1].read_text(encoding="utf-8")


def test_a_split_target_is_the_mean_of_its_parts_and_an_unplaced_one_is_wrong(
    model: DistilledModel, tmp_path: Path
) -> None:
    text = "xe chạy bon bon trên đường nhựa"
    split = BenchTarget(text, ((0, 2), (21, 26)), "split")
    whole = BenchTarget(text, ((21, 26),), "whole")
    nowhere = BenchTarget(text, ((90, 95),), "nowhere")
    pairs = (
        BenchPair(split, whole, 1.0, "a"),
        BenchPair(whole, nowhere, 1.0, "b"),
        BenchPair(whole, nowhere, 0.0, "c"),
        BenchPair(whole, whole, 1.0, "d"),
    )
    bench = BenchSet("made", "same", pairs, pairs[:1])
    report = evaluate_distilled(model, [bench], FEW, tmp_path, lambda _: None)
    found = report.sets[0]
    assert found.n_unplaced == 2
    assert {row.figure.value for row in found.rows} <= {0.25, 0.5}
    states = model.teacher.read(
        [model.teacher.inputs.tokenize(marked) for marked in (*split.marked, *whole.marked)]
    )
    a = model.standardiser.apply(states[:2].mean(axis=0, keepdims=True)).mean(axis=1)[0]
    b = model.standardiser.apply(states[2:]).mean(axis=1)[0]
    cosine = float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
    cosines = BenchCosines.of(model, tmp_path)(bench)[MEAN][1]
    assert cosines[0] == pytest.approx(cosine, abs=1e-4)
    assert np.isnan(cosines[1:3]).all()
    assert cosines[3] == pytest.approx(1.0, abs=1e-5)


def pair(gold: float, group: str, part: str = "") -> BenchPair:
    side = BenchTarget.whole("x", group)
    return BenchPair(side, side, gold, group, part)


def test_accuracy_is_at_the_threshold_of_the_development_pairs() -> None:
    """Dev: 0.2 is F, 0.6 is T, so 0.4; three of four test pairs are on their side."""
    tested = tuple(pair(g, str(n)) for n, g in enumerate((1, 1, 0, 0)))
    bench = BenchSet("x", "same", tested, (pair(0, "d"), pair(1, "e")))
    dev, test = np.array([0.2, 0.6]), np.array([0.9, 0.3, 0.3, 0.1])
    found = score_set("x", bench, {MEAN: (dev, test)}, MEAN, Bootstrap(samples=5))
    assert found.rows[0].figure.value == 0.75
    assert found.rows[0].auc is not None
    assert found.rows[0].auc.value == 0.875  # (1 + 1 + 0.5 + 1) / 4


def test_rho_of_parts_is_weighed_by_their_pairs() -> None:
    """1 in a part of three pairs, -1 in one of two: (3 - 2) / 5; across parts nothing counts."""
    golds = ((1, "a"), (2, "a"), (3, "a"), (8, "b"), (9, "b"))
    bench = BenchSet("x", "rating", tuple(pair(g, str(n), p) for n, (g, p) in enumerate(golds)))
    test = np.array([0.1, 0.2, 0.3, 0.9, 0.8])
    found = score_set("x", bench, {MEAN: (np.array([]), test)}, MEAN, Bootstrap(samples=5))
    assert found.rows[0].figure.value == pytest.approx(0.2)
    assert found.rows[0].auc is None


def test_equal_scores_count_half_in_the_area_under_the_curve() -> None:
    assert area_under_curve(np.array([0.3, 0.3, 0.9, 0.1]), [True, False, True, False]) == 0.875
    assert area_under_curve(np.array([0.3, 0.4]), [True, True]) == 0.5


def test_a_release_without_pairs_of_one_sense_is_refused(
    data: WsdData, decoder: str, tmp_path: Path
) -> None:
    alone = data.having({item.sense_id: item for item in data.split("train")}.values())
    with pytest.raises(InputError, match="no sense has two training examples"):
        train_distiller(alone, DistilSettings(), decoder, tmp_path, lambda _: None)
    nothing = BenchSet("x", "same", ())
    with pytest.raises(InputError, match="nothing to measure"):
        evaluate_distilled(None, [nothing], FEW, tmp_path)  # type: ignore[arg-type]


def test_states_that_would_not_fit_are_refused_before_they_are_read(
    data: WsdData, decoder: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="kept_states_gb allows 1e-09: set reduce = 256"):
        train_distiller(
            data, DistilSettings(kept_states_gb=1e-9), decoder, tmp_path, lambda _: None
        )


def test_heads_that_do_not_divide_are_refused_before_anything_is_read(
    data: WsdData, decoder: str, tmp_path: Path
) -> None:
    settings = DistilSettings(distiller="attention", heads=3)
    with pytest.raises(UsageError, match="heads = 3 does not divide"):
        train_distiller(data, settings, decoder, tmp_path, lambda _: None)
    assert not (tmp_path / "distil" / "states").exists()


def test_another_backbone_and_damage_are_refused_by_digest(
    run_folder: Path, decoder: str, tmp_path: Path
) -> None:
    other = tmp_path / "decoder"
    shutil.copytree(decoder, other)
    weights = AutoModel.from_pretrained(other)
    with torch.no_grad():
        next(weights.parameters()).add_(1.0)
    weights.save_pretrained(other)
    folder = tmp_path / "distilled"
    shutil.copytree(distilled_folder(run_folder), folder)
    opened = DistilledModel.open(folder)
    moved = replace(opened, about=opened.about.model_copy(update={"backbone": str(other)}))
    with pytest.raises(InputError, match="has other weights than those that were distilled"):
        _ = moved.teacher
    mapped = load_file(folder / "distiller.safetensors")
    tensors = {name: value.clone() for name, value in mapped.items()}
    (folder / "distiller.safetensors").write_bytes(b"cut")
    with pytest.raises(InputError, match="not as it was when it was saved"):
        DistilledModel.open(folder)
    tensors["whitening:matrix"][0, 0] = float("nan")
    save_file(tensors, folder / "distiller.safetensors")
    (folder / MANIFEST).unlink()
    write_manifest(folder, "x")
    with pytest.raises(InputError, match="whitening:matrix is not all numbers"):
        DistilledModel.open(folder)
    with pytest.raises(InputError, match="give the model folder that `viconwsd distil train`"):
        DistilledModel.open(tmp_path)


def test_a_teacher_of_other_settings_is_a_teacher_of_its_own(decoder: str) -> None:
    assert not Teacher.open(decoder, VI, echo=False).inputs.echo


def test_negatives_cannot_be_left_out_in_the_settings() -> None:
    with pytest.raises(ValueError, match="every meaning is the same"):
        DistilSettings(negatives=())
