"""Two trainings of one folder: the second is refused before it does anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_release import tiny_settings

from schemas.errors import StorageError
from trainer.data import WsdData
from trainer.storage.lock import training_lock
from trainer.training import run
from trainer.training.run import train_model


def test_a_second_training_is_refused_at_its_start(
    data: WsdData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "build_components", None)
    with training_lock(tmp_path), pytest.raises(StorageError, match="another process is training"):
        train_model(data, tiny_settings(), tmp_path, lambda _: None)


def test_the_lock_is_free_again_whatever_happened(data: WsdData, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), training_lock(tmp_path):
        _ = 1 / 0
    train_model(data, tiny_settings(epochs=1), tmp_path, lambda _: None)
