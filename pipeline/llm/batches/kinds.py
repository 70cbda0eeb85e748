"""Which service speaks to which kind of batch interface."""

from __future__ import annotations

from pipeline.llm.batches.openai_shape import OpenAIBatches
from pipeline.llm.batches.service import BatchService, chat_line
from pipeline.llm.http import HttpTransport
from pipeline.llm.settings import EndpointSettings


def open_service(settings: EndpointSettings, key_variable: str | None) -> BatchService:
    """The batches of an endpoint, reached with one of its keys. Nothing is opened yet."""
    return OpenAIBatches(HttpTransport(settings, key_variable), settings.batch)


def line_of(settings: EndpointSettings, key: str, body: bytes) -> bytes:
    """A request's line in a file, as the endpoint's kind of batch wants it."""
    del settings
    return chat_line(key, body)
