"""The transports of an endpoint, one for each of its keys, in the shape that it speaks."""

from __future__ import annotations

from pipeline.llm.anthropic import AnthropicTransport
from pipeline.llm.http import HttpTransport
from pipeline.llm.settings import EndpointSettings
from pipeline.llm.transport import Transport


def open_transports(settings: EndpointSettings) -> tuple[Transport, ...]:
    """A transport for each key of an endpoint; nothing is opened yet."""
    kind = AnthropicTransport if settings.batch.kind == "anthropic" else HttpTransport
    return tuple(kind(settings, name) for name in settings.key_variables)
