"""A trained model goes out by the same way: safe weights, a card with its evaluation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.card.model_card import compose_model_card
from pipeline.cli.main import exit_code
from pipeline.publish.destination import Destination
from pipeline.publish.hub import Hub
from pipeline.publish.model import checked_model
from pipeline.publish.publish import publish
from pipeline.publish.repository import Repository
from pipeline.publish.scan import Needles
from schemas.errors import InputError
from tests.pipeline.publish.hub_server import HubServer

NONE = Needles(())
EVALUATION = {
    "accuracy": 0.61234,
    "rows": [
        {"system": "random", "same_pos": 0.31, "all": 0.42},
        {"system": "viconbert", "same_pos": 0.61234, "all": 0.7},
    ],
    "retrieval": {"recall@1": 0.5, "ks": [1, 5, 10]},
    "nothing": None,
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
    (folder / "model.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
    (folder / "README.md").write_text("written by hand")
    (folder / "train.log").write_text("step 1")
    return folder


def test_the_files_of_a_model_are_published_with_a_card_made_anew(
    server: HubServer, hub: Hub, model: Path, tmp_path: Path
) -> None:
    home = Destination(Repository("model", "linh/vicon-small"))
    with checked_model(model, NONE) as files:
        done = publish(files, home, hub, tmp_path / "memory", message="Model", say=lambda _: None)
    assert done.url.startswith(f"{server.endpoint}/linh/vicon-small/commit/")
    published = server.store.files("model", "linh/vicon-small")
    assert published.keys() == {
        ".gitattributes",
        "README.md",
        "config.json",
        "evaluation.json",
        "model.safetensors",
    }
    assert published["README.md"].decode() == compose_model_card(model)
    assert (model / "README.md").read_text() == "written by hand"
    with checked_model(model, NONE) as files:
        again = publish(files, home, hub, tmp_path / "memory", message="Model", say=lambda _: None)
    assert (again.changed, again.commit) == (False, done.commit)


@pytest.mark.parametrize(
    "words",
    [
        "# vicon-small",
        "| `heads` | `3` |",
        "| `backbone.hidden_size` | `128` |",
        "| accuracy | 0.6123 |",
        "| nothing | – |",
        "### rows",
        "| system | same_pos | all |",
        "| viconbert | 0.6123 | 0.7000 |",
        "### retrieval",
        "| recall@1 | 0.5000 |",
        "Mô hình mã hoá nghĩa của từ tiếng Việt theo ngữ cảnh",
    ],
)
def test_the_card_carries_the_evaluation(model: Path, words: str) -> None:
    assert words in compose_model_card(model)


def test_paths_of_the_backbone_are_not_shown(model: Path) -> None:
    assert "somewhere" not in compose_model_card(model)


def test_a_model_without_evaluation_says_so(model: Path) -> None:
    (model / "evaluation.json").unlink()
    assert "No evaluation has been made of this model." in compose_model_card(model)


def refusal(model: Path, needles: Needles = NONE) -> str:
    with pytest.raises(InputError) as caught, checked_model(model, needles):
        pass
    return str(caught.value)


def test_a_pickle_is_refused(model: Path) -> None:
    (model / "pytorch_model.bin").write_bytes(b"\x80\x04")
    assert "a pickle is not published; save the weights as safetensors" in refusal(model)


def test_a_model_without_weights_is_refused(model: Path) -> None:
    (model / "model.safetensors").unlink()
    assert "no .safetensors file with weights" in refusal(model)


def test_a_path_of_this_machine_in_the_config_is_refused(model: Path) -> None:
    (model / "config.json").write_text(
        json.dumps({"backbone": {"_name_or_path": str(model.resolve())}})
    )
    line = refusal(model, Needles.of_this_machine(model))
    assert line.startswith("config.json holds a path of this machine: nothing was uploaded")


def test_broken_json_is_one_line(model: Path) -> None:
    (model / "evaluation.json").write_text("{")
    assert "evaluation.json: not valid JSON" in refusal(model)


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
