"""Fixtures of the trainer's tests; the tiny release itself is in ``tiny_release``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))

from tiny_release import VI, save_decoder, write_release

from trainer.data import WsdData
from trainer.data.release import read_release


@pytest.fixture(scope="session")
def release_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_release(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="session")
def data(release_folder: Path) -> WsdData:
    return read_release(release_folder, VI)


@pytest.fixture(scope="session")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a tiny decoder-only backbone."""
    return save_decoder(tmp_path_factory.mktemp("decoder"))


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
