"""A trained model goes out by the same way: safe weights, a card with its evaluation."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.card.model_card import compose_model_card
from pipeline.cli.main import exit_code
from pipeline.publish.destination import Destination, Repository
from pipeline.publish.files import LocalFile, copied
from pipeline.publish.hub import Hub
from pipeline.publish.model import check_model, is_part_of_a_model
from pipeline.publish.publish import publish_files
from pipeline.publish.scan import Needles
from schemas.errors import InputError
from tests.pipeline.publish.hub_server import HubServer
from trainer.export.modelling import AUTO_MAP, MODELLING, modelling_file

NONE = Needles(())


@contextmanager
def checked_model(folder: Path, needles: Needles) -> Iterator[tuple[LocalFile, ...]]:
    """As the command does it: a copy of what belongs to a model is checked."""
    with copied(folder, is_part_of_a_model) as copy:
        yield check_model(copy, folder.name, needles)


def _estimate(value: float | None) -> dict[str, object]:
    return {"value": value, "low": value, "high": value, "n_items": 40, "n_lemmas": 12}


def _cells(*values: float | None) -> list[dict[str, object]]:
    places = [("all", "ambiguous"), ("all", "same POS only"), ("split", "test_seen")]
    return [
        {"group": group, "name": name, "estimate": _estimate(value)}
        for (group, name), value in zip(places, values, strict=True)
    ]


EVALUATION = {
    "systems": [
        {"name": "viconbert", "cells": _cells(0.7, 0.61234, 0.8)},
        {"name": "random", "cells": _cells(0.42, 0.31, None)},
    ],
    "retrieval": [
        {"k": 1, "recall": 0.5, "precision": 0.25, "f1": 0.3333, "ndcg": 0.1, "full_recall": 0.5}
    ],
    "similarity": [
        {"test": "ViSim-400", "part": "all", "form": "bare", "value": 0.6, "n_pairs": 400}
    ],
    "word_in_context": {"estimate": _estimate(0.66), "threshold": 0.4},
    "n_examples": 169,
    "n_senses": 115,
    "confidence": 0.95,
    "settings": {},
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "vicon-small"
    (folder / "checkpoint-10").mkdir(parents=True)
    (folder / "checkpoint-10/optimizer.pt").write_bytes(b"pickle")
    config = {
        "model_type": "viconbert",
        "heads": 3,
        "backbone": {"model_type": "bert", "hidden_size": 128, "_name_or_path": "somewhere"},
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evaluation.json").write_text(json.dumps(EVALUATION))
    training = {"epochs": 3, "preset": None, "objective": {"temperature": 0.3}}
    (folder / "training.json").write_text(json.dumps(training))
    (folder / "model.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
    (folder / "README.md").write_text("written by hand")
    (folder / "train.log").write_text("step 1")
    return folder


def test_the_files_of_a_model_are_published_with_a_card_made_anew(
    server: HubServer, hub: Hub, model: Path, tmp_path: Path
) -> None:
    home = Destination(Repository("model", "linh/vicon-small"))
    with checked_model(model, NONE) as files:
        done = publish_files(
            files, home, hub, tmp_path / "memory", message="Model", say=lambda _: None
        )
    assert done.url.startswith(f"{server.endpoint}/linh/vicon-small/commit/")
    published = server.store.files("model", "linh/vicon-small")
    assert published.keys() == {
        ".gitattributes",
        "README.md",
        "config.json",
        "evaluation.json",
        "model.safetensors",
        "training.json",
    }
    assert published["README.md"].decode() == compose_model_card(model, model.name)
    assert (model / "README.md").read_text() == "written by hand"
    with checked_model(model, NONE) as files:
        again = publish_files(
            files, home, hub, tmp_path / "memory", message="Model", say=lambda _: None
        )
    assert (again.changed, again.commit) == (False, done.commit)


@pytest.mark.parametrize(
    "words",
    [
        "# vicon-small",
        "| `heads` | `3` |",
        "| `backbone.hidden_size` | `128` |",
        "| `objective.temperature` | `0.3` |",
        "On 169 sentences over an inventory of 115 senses;",
        "| system | all | seen |",
        "| viconbert | 0.700 [0.700, 0.700] | 0.800 [0.800, 0.800] |",
        "| viconbert | 0.612 [0.612, 0.612] |",
        "| random | 0.420 [0.420, 0.420] | - |",
        "| all | same POS only | 0.612 [0.612, 0.612] | 40 | 12 |",
        "| 1 | 0.5000 | 0.2500 | 0.3333 | 0.1000 | - | 0.5000 | - |",
        "| 0.660 [0.660, 0.660] | 40 | 0.4000 |",
        "| ViSim-400 | all | bare | 0.600 | 400 |",
        "Mô hình mã hoá nghĩa của từ tiếng Việt theo ngữ cảnh",
    ],
)
def test_the_card_carries_the_evaluation(model: Path, words: str) -> None:
    assert words in compose_model_card(model, model.name)


def test_paths_of_the_backbone_are_not_shown(model: Path) -> None:
    assert "somewhere" not in compose_model_card(model, model.name)


def test_a_model_without_evaluation_says_so(model: Path) -> None:
    (model / "evaluation.json").unlink()
    assert "No evaluation has been made of this model." in compose_model_card(model, model.name)


def refusal(model: Path, needles: Needles = NONE) -> str:
    with pytest.raises(InputError) as caught, checked_model(model, needles):
        pass
    return str(caught.value)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.PT", "weights.pkl.gz"])
def test_weights_as_a_pickle_alone_are_refused(model: Path, name: str) -> None:
    (model / "model.safetensors").unlink()
    (model / name).write_bytes(b"\x80\x04")
    line = refusal(model)
    assert line.startswith(f"{model}: no model.safetensors; a pickle is not published")


@pytest.fixture
def exported(model: Path) -> Path:
    """As `viconwsd export` leaves it, but for the weights."""
    config = {"model_type": "viconbert_senses", "language": "vi", "segmenter": "units"}
    config |= {"auto_map": AUTO_MAP, "licence": "CC BY-SA 4.0"}
    (model / "config.json").write_text(json.dumps(config))
    (model / MODELLING).write_text(modelling_file("vi", "units"), encoding="utf-8")
    (model / "encoder.onnx").write_bytes(b"graph")
    (model / "senses.jsonl").write_text("{}\n")
    return model


def test_an_exported_model_goes_out_with_its_code_and_its_own_card(exported: Path) -> None:
    with checked_model(exported, NONE) as files:
        names = {file.path for file in files}
        card = next(f.source for f in files if f.path == "README.md").read_text(encoding="utf-8")
    assert names >= {MODELLING, "encoder.onnx", "senses.jsonl"}
    assert "license: cc-by-sa-4.0" in card
    assert "trust_remote_code=True" in card
    assert "onnxruntime.InferenceSession" in card


def test_code_that_is_not_the_export_s_is_refused(exported: Path) -> None:
    path = exported / MODELLING
    path.write_text(path.read_text(encoding="utf-8") + "import os\n", encoding="utf-8")
    assert "not the code that this version of `viconwsd export` writes" in refusal(exported)
    path.unlink()
    assert "config.json and modeling_viconbert.py do not go together" in refusal(exported)


def test_code_of_another_repository_is_refused(exported: Path) -> None:
    config = json.loads((exported / "config.json").read_text())
    config["auto_map"]["AutoModel"] = "somebody/else--modeling_viconbert.SenseEncoder"
    (exported / "config.json").write_text(json.dumps(config))
    assert "do not go together: export the model again" in refusal(exported)


def test_a_model_is_published_without_torch() -> None:
    """Which the extra `publish` does not bring."""
    told = "import sys, pipeline.publish.task; print({'torch', 'transformers'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_path_of_this_machine_in_the_config_is_refused(model: Path) -> None:
    (model / "config.json").write_text(
        json.dumps({"backbone": {"_name_or_path": str(model.resolve())}})
    )
    line = refusal(model, Needles.of_this_machine(model))
    assert line.startswith("config.json holds a path of this machine: nothing was uploaded")


def test_broken_json_is_one_line(model: Path) -> None:
    (model / "evaluation.json").write_text("{")
    assert "evaluation.json: not an evaluation (Invalid JSON" in refusal(model)
    (model / "evaluation.json").write_text('{"systems": [{"name": 3}]}')
    assert "evaluation.json: not an evaluation (systems.0.name: " in refusal(model)
    (model / "config.json").write_text("{")
    assert "config.json: not valid JSON" in refusal(model)


def test_the_card_reads_what_the_evaluator_writes(model: Path) -> None:
    """Written by the trainer's own function, from the records that both share."""
    from schemas.evaluation import EvaluationReport, LemmaMean, PartResult, SystemResult
    from trainer.evaluation.report import as_json

    measured = LemmaMean(value=0.5, low=0.4, high=0.6, n_items=10, n_lemmas=4)
    nothing = LemmaMean(value=None, low=None, high=None, n_items=0, n_lemmas=0)
    cells = (
        PartResult(group="all", name="ambiguous", estimate=measured),
        PartResult(group="all", name="same POS only", estimate=nothing),
    )
    system = SystemResult(name="viconbert", cells=cells)
    (model / "evaluation.json").write_bytes(as_json(EvaluationReport(systems=(system,))))
    card = compose_model_card(model, model.name)
    assert "| viconbert | 0.500 [0.400, 0.600] |" in card
    assert "| viconbert | - |" in card


def test_the_command_publishes_a_model(
    server: HubServer,
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", server.endpoint)
    assert exit_code(["publish", "--model", str(model), "--repo", "linh/vicon-small"]) == 0
    assert capsys.readouterr().out.startswith(f"{server.endpoint}/linh/vicon-small/commit/")
    assert (model.parent / "publish/model--linh--vicon-small.json").is_file()
