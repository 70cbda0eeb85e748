"""What cannot be had is told in one line, before anything long is computed."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_release import tiny_settings

from schemas.errors import InputError, StorageError
from trainer.data import WsdData
from trainer.evaluation import run as evaluation_run
from trainer.evaluation.plots import check_plots
from trainer.evaluation.run import evaluate_model
from trainer.saved.model_folder import SavedModel
from trainer.settings import EvaluateSettings
from trainer.storage.pretrained import opening_pretrained
from trainer.training.run import train_model


@pytest.fixture(scope="module")
def model(data: WsdData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    return train_model(data, tiny_settings(epochs=1), folder, lambda text: None).folder


@pytest.mark.parametrize("name", ["/no such folder", "nobody/no-model"])
@pytest.mark.parametrize("setting", ["backbone", "gloss_encoder"])
def test_a_pretrained_model_that_is_not_there(
    data: WsdData, tmp_path: Path, setting: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    settings = tiny_settings(**{setting: name})
    with pytest.raises(InputError, match=f"'{name}' cannot be opened as a pretrained model: give"):
        train_model(data, settings, tmp_path, lambda text: None)


@pytest.mark.parametrize("damaged", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_damaged_backbone_is_named(data: WsdData, tmp_path: Path, damaged: str) -> None:
    from tiny_release import save_decoder

    folder = save_decoder(tmp_path / "decoder")
    (tmp_path / "decoder" / damaged).write_bytes(b"{nothing")
    with pytest.raises(InputError, match="decoder' cannot be opened as a pretrained model"):
        train_model(data, tiny_settings(backbone=folder), tmp_path, lambda text: None)


def test_a_damaged_model_folder_is_named(model: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "model"
    shutil.copytree(model, folder)
    (folder / "model.safetensors").write_bytes(b"")
    with pytest.raises(InputError, match=r"model\.safetensors: not as it was when it was saved"):
        SavedModel.open(folder)


def test_errors_of_the_disk_stay_errors_of_the_disk() -> None:
    with pytest.raises(StorageError), opening_pretrained("x"):
        raise OSError(28, "no space left on device")


@pytest.mark.parametrize("setting", ["vicon", "visim400"])
def test_word_pairs_are_read_before_the_model_is_used(
    data: WsdData, model: Path, tmp_path: Path, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = SavedModel.open(model)
    settings = EvaluateSettings(**{setting: str(tmp_path / "nowhere")})
    monkeypatch.setattr(evaluation_run, "predict", None)
    with pytest.raises((InputError, StorageError), match="nowhere"):
        evaluate_model(saved, data, settings, lambda text: None)


def test_lemmas_to_plot_are_checked_first(data: WsdData) -> None:
    items = data.split("test_seen")
    check_plots(["Đường"], items, data.inventory, "pca")
    with pytest.raises(InputError, match="'mèo' has no evaluated contexts"):
        check_plots(["đường", "mèo"], items, data.inventory, "pca")


def test_umap_is_looked_for_first(data: WsdData) -> None:
    try:
        import umap  # noqa: F401
    except ImportError:
        with pytest.raises(InputError, match="pip install umap-learn"):
            check_plots(["đường"], data.split("test_seen"), data.inventory, "umap")
    check_plots([], data.split("test_seen"), data.inventory, "umap")


def test_half_precision_on_a_cpu_is_refused_before_glosses_are_encoded(
    data: WsdData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(Exception, match="precision 'bf16' needs a GPU"):
        train_model(data, tiny_settings(precision="bf16"), tmp_path, lambda text: None)
    assert not list(tmp_path.iterdir())
