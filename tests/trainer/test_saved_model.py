"""A model folder opens as it was saved, or not at all: whatever happened to it is one line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_release import tiny_settings

from schemas.errors import InputError, ViconwsdError
from schemas.tables import read_table, write_table
from trainer.data import WsdData
from trainer.saved.model_folder import SavedModel, SavedSense
from trainer.settings import RankerSettings
from trainer.storage.manifest import MANIFEST, saved_identity, write_manifest
from trainer.training.run import train_model


@pytest.fixture(scope="module", params=["small", "decoder"])
def model(
    request: pytest.FixtureRequest,
    data: WsdData,
    decoder: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    torch.set_num_threads(1)
    changes: dict[str, object] = {"epochs": 1}
    if request.param == "decoder":
        changes |= {"backbone": decoder, "ranker": RankerSettings(layers=(1,), epochs=1)}
    folder = tmp_path_factory.mktemp("run")
    return train_model(data, tiny_settings(**changes), folder, lambda text: None).folder


@pytest.fixture
def copy(model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model, tmp_path / "model"))


def refused(folder: Path) -> str:
    """The one line with which a folder is refused."""
    with pytest.raises(InputError) as caught:
        SavedModel.open(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert folder.name in message
    assert "train" in message
    return message


def test_a_whole_folder_opens_and_is_known(model: Path) -> None:
    assert saved_identity(model) is not None


DAMAGES: dict[str, Callable[[Path], object]] = {
    "deleted": lambda file: file.unlink(),
    "emptied": lambda file: file.write_bytes(b""),
    "cut": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "longer": lambda file: file.write_bytes(file.read_bytes() + b"\n"),
    "one bit": lambda file: file.write_bytes(
        file.read_bytes()[:-1] + bytes([file.read_bytes()[-1] ^ 1])
    ),
    "another's": lambda file: shutil.copy(_another(file), file),
    "a folder": lambda file: (file.unlink(), file.mkdir()),
}


def _another(file: Path) -> Path:
    return next(f for f in sorted(file.parent.iterdir()) if f != file and f.is_file())


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_file_is_needed_as_it_was(copy: Path, damage: str) -> None:
    for name in sorted(path.name for path in copy.iterdir()):
        if (damage, name) == ("longer", MANIFEST):
            continue  # a line feed more is the same JSON
        content = (copy / name).read_bytes()
        DAMAGES[damage](copy / name)
        refused(copy)
        assert saved_identity(copy) is None, "the training would pass as done"
        if (copy / name).is_dir():
            (copy / name).rmdir()
        (copy / name).write_bytes(content)
    SavedModel.open(copy)


def test_a_model_of_an_earlier_version_is_to_be_trained_again(copy: Path) -> None:
    (copy / MANIFEST).write_text('{"identity": "0"}')
    assert "another version" in refused(copy)


def test_files_of_others_do_not_matter(copy: Path) -> None:
    (copy / "README.md").write_text("a card")
    (copy / "evaluation.json").write_text("{}")
    SavedModel.open(copy)


def test_a_manifest_cannot_name_files_elsewhere(copy: Path) -> None:
    manifest = json.loads((copy / MANIFEST).read_text())
    manifest["files"]["../outside"] = "0"
    (copy / MANIFEST).write_text(json.dumps(manifest))
    assert "missing: run `viconwsd train` again" in refused(copy)


def resealed(folder: Path) -> Path:
    """The folder as if it had been saved so: what is in it must still fit together."""
    (folder / MANIFEST).unlink(missing_ok=True)
    write_manifest(folder, "other")
    return folder


def changed_weights(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    path = folder / "model.safetensors"
    weights = load_file(path)
    change(weights)
    save_file(weights, path, metadata={"format": "pt"})


def test_missing_weights_are_refused(copy: Path) -> None:
    changed_weights(copy, lambda weights: weights.pop("head.project_out.bias"))
    assert "1 weights are missing, as head.project_out.bias" in refused(resealed(copy))


def test_weights_too_many_are_refused(copy: Path) -> None:
    changed_weights(copy, lambda weights: weights.update(extra=torch.zeros(2)))
    assert "1 weights are unexpected, as extra" in refused(resealed(copy))


def test_weights_of_another_size_are_refused(copy: Path) -> None:
    changed_weights(copy, lambda w: w.update({"head.project_out.bias": torch.zeros(3)}))
    refused(resealed(copy))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(copy: Path, value: float) -> None:
    changed_weights(copy, lambda weights: weights["head.project_out.bias"].fill_(value))
    assert "the weights head.project_out.bias are not all numbers" in refused(resealed(copy))


@pytest.mark.parametrize("change", ["row", "width", "numbers"])
def test_vectors_that_do_not_fit_the_inventory_are_refused(copy: Path, change: str) -> None:
    path = copy / "gloss_vectors.npy"
    vectors = np.load(path)
    if change == "numbers":
        vectors[0, 0] = np.nan
    np.save(path, {"row": vectors[:-1], "width": vectors[:, :-1]}.get(change, vectors))
    assert "gloss_vectors.npy" in refused(resealed(copy))


def test_a_cut_inventory_is_refused(copy: Path) -> None:
    """A table that is whole, with fewer senses in it."""
    rows = list(read_table(copy / "senses.parquet", SavedSense))
    write_table(copy / "senses.parquet", SavedSense, rows[:-1])
    assert "gloss_vectors.npy has float32 in" in refused(resealed(copy))


def changes_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every place in a JSON document, with other values for it; ``...`` means: leave it out."""
    if path:
        for other in (..., None, "x", -1, 10**30, 1.5, True, [], {}, [None], "vi"):
            yield path, other
    if isinstance(value, dict):
        for key, own in value.items():
            yield from changes_of(own, (*path, key))
    elif isinstance(value, list):
        for at, own in enumerate(value[:2]):
            yield from changes_of(own, (*path, at))


def altered(document: Any, path: tuple[Any, ...], other: Any) -> Any:
    found = json.loads(json.dumps(document))
    at = found
    for key in path[:-1]:
        at = at[key]
    if other is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = other
    return found


@pytest.mark.parametrize(
    "name",
    [
        "config.json",
        "ranker.json",
        "training.json",
        "gloss_encoder.json",
        "tokenizer_config.json",
        MANIFEST,
    ],
)
def test_no_key_of_any_file_can_make_it_a_bug(copy: Path, name: str) -> None:
    """It opens, or is refused in one line; a seeded draw of all places and values."""
    document = json.loads((copy / name).read_text())
    everything = list(changes_of(document))
    lines = []
    draw = np.random.default_rng(0).permutation(len(everything))[:8]
    for path, other in (everything[i] for i in draw):
        (copy / name).write_text(json.dumps(altered(document, path, other)))
        try:
            SavedModel.open(copy if name == MANIFEST else resealed(copy))
        except ViconwsdError as error:
            lines.append(str(error))
    assert lines
    assert not any("\n" in line for line in lines)
