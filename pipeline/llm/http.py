"""The transport to an endpoint on the network: the openai SDK, on its aiohttp transport."""

from __future__ import annotations

import asyncio
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pipeline.llm.faults import network_fault, status_fault
from pipeline.llm.settings import EndpointSettings
from schemas.errors import UsageError

if TYPE_CHECKING:
    import ssl

    from openai import AsyncOpenAI

CONNECT_S = 10.0
"""An address that takes no connection in this time is not there, or is overrun."""
SPARE_CONNECTIONS = 8
"""A connection is closed a moment after its place has been given on."""
ITEM_HEADER = "x-viconwsd-item"


@lru_cache(maxsize=1)
def certificates() -> ssl.SSLContext:
    """The authorities that are trusted; read once, for it takes longer than twenty requests."""
    import httpx2

    return httpx2.create_ssl_context()


class HttpTransport:
    """A connection pool to one endpoint. Holds the key; shows it to nobody.

    The key is looked for, and the slow SDK imported, when the first request is sent: a run
    whose replies are all paid needs neither.
    """

    def __init__(self, settings: EndpointSettings) -> None:
        self._settings = settings
        self._secret = ""
        self._headers: dict[str, Any] = {}
        self._client: AsyncOpenAI | None = None

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def send(self, body: bytes, label: str) -> bytes:
        """The body of a 200; TransientError, RefusedError or ServiceError for all else."""
        client = self._client or self._opened()
        import aiohttp
        import httpx2
        from openai import APIConnectionError, APIStatusError

        headers = {ITEM_HEADER: _header(label), **self._headers}
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                response: httpx2.Response = await client.post(
                    "/chat/completions",
                    cast_to=httpx2.Response,
                    content=body,
                    options={"headers": headers},
                )
        except APIStatusError as err:
            said = self._scrubbed(_message(err))
            fault = status_fault(self._settings, err.status_code, said, err.response.headers)
            raise fault from (None if self._leaks(err) else err)
        except (APIConnectionError, aiohttp.ClientError, OSError) as err:  # incl. TimeoutError
            lost = network_fault(err, self._settings.base_url, self._settings.timeout_s)
            raise lost from (None if self._leaks(err) else err)
        content: bytes = response.content
        return content.replace(self._secret.encode(), b"***") if self._secret else content

    def _opened(self) -> AsyncOpenAI:
        import httpx2
        from openai import AsyncOpenAI, DefaultAioHttpClient, omit

        settings = self._settings
        self._secret = _secret(settings)
        # The SDK would take keys of its own from the environment and send them anywhere.
        self._headers = {} if self._secret else {"Authorization": omit}
        if "api.openai.com" not in settings.base_url:
            self._headers |= {"OpenAI-Organization": omit, "OpenAI-Project": omit}
        connections = settings.max_in_flight + SPARE_CONNECTIONS
        self._client = AsyncOpenAI(
            api_key=self._secret or "none",
            admin_api_key="",
            base_url=settings.base_url,
            max_retries=0,
            timeout=httpx2.Timeout(settings.timeout_s, connect=CONNECT_S),
            http_client=DefaultAioHttpClient(
                verify=certificates(),
                limits=httpx2.Limits(
                    max_connections=connections, max_keepalive_connections=connections
                ),
            ),
        )
        return self._client

    def _leaks(self, error: BaseException) -> bool:
        return bool(self._secret) and self._secret in str(error)

    def _scrubbed(self, text: str) -> str:
        return text.replace(self._secret, "***") if self._secret else text


def _secret(settings: EndpointSettings) -> str:
    name = settings.api_key_env
    if name is None:
        return ""
    value = os.environ.get(name, "").strip()
    if not value:
        raise UsageError(
            f"environment variable {name} is not set: export it with the key for"
            f" {settings.base_url}, or drop api_key_env if none is needed"
        )
    return value


def _message(error: Any) -> str:
    """What the endpoint said: its message, code and parameter; or its text."""
    body = error.body
    if isinstance(body, dict):
        parts = (body.get("message") or body.get("detail"), body.get("code"), body.get("param"))
        said = " ".join(str(part) for part in parts if part)
        return said or str(body)
    return str(body) if body else str(error.message)


def _header(label: str) -> str:
    """``label`` as a header may carry it: percent-encoded where it is not plain ASCII."""
    return label if label.isascii() and label.isprintable() else quote(label, safe="/#: ")
