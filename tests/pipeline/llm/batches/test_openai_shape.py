"""What answers of the batch interface say, and what to do about those that say nothing."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from pipeline.llm.batches.answers import id_in
from pipeline.llm.batches.book import Batch
from pipeline.llm.batches.files_first import FileBatches
from pipeline.llm.batches.mistral import MistralShape
from pipeline.llm.batches.openai_shape import OpenAIFiles, OpenAIShape
from pipeline.llm.settings import BatchSettings
from schemas.errors import ServiceError

BATCH = Batch(
    id=1,
    token="t0ken",
    kind="openai",
    endpoint="http://127.0.0.1:9/v1",
    model="mock",
    stage="glosses",
    key_variable=None,
    terms=None,
    created=0,
    requests=2,
    bound_pico=0,
    currency=None,
    state="made",
    open=True,
    file_id="file-2",
    tried=0.0,
    batch_id=None,
    done=0,
    failed=0,
    cost_pico=None,
    detail="",
)


@dataclass
class Wire:
    """Answers every request with the same page."""

    page: list[dict[str, Any]]

    async def request(self, *_: Any, **__: Any) -> bytes:
        return orjson.dumps({"data": self.page})

    def content(self, response: bytes) -> bytes:
        return response


@pytest.mark.parametrize(
    ("answer", "where"),
    [
        (b'{"id": "b1"}', ()),
        (b'{"job": {"id": "b1"}, "warning": ""}', ()),
        (b'{"file": {"name": "b1"}}', ("file", "name")),
    ],
)
def test_what_was_made_is_named(answer: bytes, where: tuple[str, ...]) -> None:
    assert id_in(answer, *where) == "b1"


@pytest.mark.parametrize("answer", [b"{}", b'{"id": ""}', b'{"job": {}}', b'{"error": "no"}'])
def test_an_answer_that_names_nothing_stops_in_words(answer: bytes) -> None:
    with pytest.raises(ServiceError, match="did not name what it made"):
        id_in(answer)


@pytest.mark.parametrize(
    ("shape", "state", "of_file"),
    [
        (OpenAIShape, "failed", lambda file: {"input_file_id": file}),
        (MistralShape, "FAILED", lambda file: {"input_files": [file]}),
    ],
)
def test_one_of_ours_that_was_refused_with_the_file_before_is_no_foreign_one(
    shape: Any, state: str, of_file: Callable[[str], dict[str, Any]]
) -> None:
    """A file may have to go up again before its batch is made a second time."""
    ours = {"metadata": {"viconwsd": "t0ken"}}
    before = {"id": "b1", "status": state} | ours | of_file("file-1")
    after = {"id": "b2", "status": "in_progress"} | ours | of_file("file-2")

    def found(*rows: dict[str, Any]) -> str:
        wire: Any = Wire(list(rows))
        batches = FileBatches(wire, shape(BatchSettings()), OpenAIFiles(wire, BatchSettings()))
        return asyncio.run(batches.find(BATCH, frozenset(), lambda _: False))

    assert found(before) == "absent"
    assert found(before, after) == "b2"
