"""The transports of an endpoint, one for each address and key, in the shape that it speaks."""

from __future__ import annotations

from pipeline.llm.anthropic import AnthropicTransport
from pipeline.llm.http import HttpTransport
from pipeline.llm.settings import EndpointSettings
from pipeline.llm.transport import Transport


def open_transports(settings: EndpointSettings) -> tuple[Transport, ...]:
    """A transport for each key at each address of an endpoint; nothing is opened yet."""
    kind = AnthropicTransport if settings.batch.kind == "anthropic" else HttpTransport
    return tuple(kind(place, name) for place in settings.places for name in place.key_variables)
