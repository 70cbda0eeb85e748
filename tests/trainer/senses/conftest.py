"""Fixtures of the tests of usages: a tiny teacher, its corpus, and the dictionary built of both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from senses_demo import SETTINGS, built_again
from tiny_release import VI

from trainer.data import WsdData
from trainer.senses import sentences
from trainer.senses.build import CorpusToRead, usage_teacher
from trainer.senses.corpus import contexts_as_documents
from trainer.senses.folder import SensesFolder
from trainer.states.teacher import Teacher
from trainer.storage import parts


@contextmanager
def small_parts() -> Iterator[None]:
    """Files of a few rows, so that a tiny corpus has several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "ROWS", 8)
        patch.setattr(sentences, "SHARD", 300)
        yield


@pytest.fixture(scope="module", autouse=True)
def _small_parts() -> Iterator[None]:
    """In every module, and no longer: other folders' tests count files of the usual size."""
    with small_parts():
        yield


@pytest.fixture(scope="package")
def teacher(decoder: str) -> Teacher:
    return usage_teacher(decoder, VI, SETTINGS)


@pytest.fixture(scope="package")
def corpus(data: WsdData) -> CorpusToRead:
    return CorpusToRead(("contexts",), "digest", lambda: contexts_as_documents(data.items))


@pytest.fixture(scope="package")
def built(
    tmp_path_factory: pytest.TempPathFactory,
    corpus: CorpusToRead,
    teacher: Teacher,
    data: WsdData,
) -> SensesFolder:
    folder = SensesFolder(tmp_path_factory.mktemp("senses"))
    with small_parts():
        assert built_again(folder, corpus, teacher, data)
    return folder
