"""Which service speaks to which kind of batch interface, and how its files' lines look."""

from __future__ import annotations

from urllib.parse import urlsplit

from pipeline.llm.anthropic import anthropic_wire
from pipeline.llm.batches.anthropic import AnthropicBatches, anthropic_line
from pipeline.llm.batches.files_first import FileBatches
from pipeline.llm.batches.gemini import GeminiFiles
from pipeline.llm.batches.mistral import MistralShape, mistral_line
from pipeline.llm.batches.openai_shape import OpenAIFiles, OpenAIShape
from pipeline.llm.batches.service import BatchService, chat_line
from pipeline.llm.http import HttpTransport
from pipeline.llm.settings import EndpointSettings

_LINES = {"mistral": mistral_line, "anthropic": anthropic_line}


def open_service(settings: EndpointSettings, key_variable: str | None) -> BatchService:
    """The batches of an endpoint, reached with one of its keys. Nothing is opened yet."""
    batch = settings.batch
    if batch.kind == "anthropic":
        return AnthropicBatches(anthropic_wire(settings, key_variable))
    wire = HttpTransport(settings, key_variable)
    if batch.kind == "gemini":
        files = GeminiFiles(*_native(settings, key_variable))
        return FileBatches(wire, OpenAIShape(batch, metadata=False), files)
    shape = MistralShape(batch) if batch.kind == "mistral" else OpenAIShape(batch)
    return FileBatches(wire, shape, OpenAIFiles(wire, batch))


def line_of(settings: EndpointSettings, key: str, body: bytes) -> bytes:
    """A request's line in a file, as the endpoint's kind of batch wants it."""
    return _LINES.get(settings.batch.kind, chat_line)(key, body)


def _native(settings: EndpointSettings, key_variable: str | None) -> tuple[HttpTransport, str]:
    """Gemini's own interface beside the one of OpenAI's shape: its host, and its version."""
    address = urlsplit(settings.base_url)
    version = address.path.strip("/").removesuffix("openai").strip("/")
    host = f"{address.scheme}://{address.netloc}"
    header = settings.api_key_header or "x-goog-api-key"
    own = settings.model_copy(update={"base_url": host, "api_key_header": header})
    return HttpTransport(own, key_variable), version
