"""A training is left alone where nothing that decides it has changed, and only there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from tiny_release import VI, tiny_settings

from pipeline.cli.train import train
from schemas.errors import UsageError
from trainer.data import Inventory, WsdData
from trainer.settings import RankerSettings
from trainer.training.loop import TrainingRun
from trainer.training.run import is_trained, train_model, training_identity


def altered(data: WsdData, what: str) -> WsdData:
    """The data with one thing changed."""
    items, entries = list(data.items), list(data.inventory.entries)
    if what == "gloss":
        entries[0] = replace(entries[0], gloss="một lời giải nghĩa khác")
    elif what == "another candidate":
        entries.append(replace(entries[0], sense_id="new", synset_id="new"))
    else:
        at = next(i for i, item in enumerate(items) if item.split == what)
        items[at] = replace(items[at], sentence="đường " + items[at].sentence)
    return WsdData(Inventory(entries, VI), tuple(items))


@pytest.mark.parametrize("what", ["gloss", "another candidate", "train", "validation"])
def test_other_data_of_the_same_size_make_another_training(data: WsdData, what: str) -> None:
    settings = tiny_settings()
    changed = altered(data, what)
    assert training_identity(changed, settings) != training_identity(data, settings)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"epochs": 3}, False),
        ({"seed": 1}, False),
        ({"ranker": RankerSettings(epochs=5)}, False),
        ({"checkpoint_steps": 7}, True),
        ({"tensorboard": True}, True),
        ({"kept_states_gb": 0.5}, True),
    ],
)
def test_settings_make_another_training_where_they_change_what_it_makes(
    data: WsdData, change: dict[str, object], same: bool
) -> None:
    identity = training_identity(data, tiny_settings(**change))
    assert (identity == training_identity(data, tiny_settings())) is same


def test_the_test_parts_have_no_say(data: WsdData) -> None:
    without = data.having(data.split("train", "validation"))
    assert training_identity(without, tiny_settings()) == training_identity(data, tiny_settings())


def test_a_model_is_known_by_what_made_it(data: WsdData, tmp_path: Path) -> None:
    settings = tiny_settings(epochs=1)
    assert not is_trained(data, settings, tmp_path)
    train_model(data, settings, tmp_path, notify=lambda _: None)
    assert is_trained(data, settings, tmp_path)
    assert not is_trained(data, tiny_settings(epochs=2), tmp_path)
    assert not is_trained(altered(data, "train"), settings, tmp_path)


def test_a_killed_training_does_not_go_on_with_other_data(
    data: WsdData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many rows, but one of them is another one: it was resumed as if nothing had changed."""
    settings = tiny_settings(epochs=2, checkpoint_steps=1)

    def killed(_: TrainingRun) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(TrainingRun, "_save_best", killed)
        train_model(data, settings, tmp_path, notify=lambda _: None)
    with pytest.raises(UsageError, match="belongs to other settings or data"):
        train_model(altered(data, "train"), settings, tmp_path, notify=lambda _: None)
    assert train_model(data, settings, tmp_path, notify=lambda _: None).summary.steps > 0


def test_the_command_says_so_and_trains_anew_when_asked(
    release_folder: Path, tmp_path: Path
) -> None:
    config = tmp_path / "run.toml"
    config.write_text(
        '[source]\nkind = "csv"\npath = "x"\nprefix = "x"\nname = "x"\nlicence = "mit"\n'
        '[llm]\nbase_url = "http://localhost/v1"\nmodel = "x"\n'
        '[train]\nepochs = 1\nsegmenter = "syllables"\nsmall = { width = 16, layers = 1 }\n',
        encoding="utf-8",
    )
    command = ["-c", str(config), "--release", str(release_folder)]
    model, told = tmp_path / "model", []
    for extra in ([], [], ["--again"]):
        done = CliRunner().invoke(train, [*command, *extra], catch_exceptions=False)
        assert done.exit_code == 0
        assert done.stdout == f"{model}\n"
        told.append("up to date" in done.stderr)
    assert told == [False, True, False]
