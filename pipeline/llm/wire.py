"""The one place that talks to the openai SDK, on its aiohttp transport."""

from __future__ import annotations

import asyncio
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pipeline.llm.envelope import error_in
from pipeline.llm.faults import Fault, network_fault, status_fault
from pipeline.llm.settings import EndpointSettings
from schemas.errors import UsageError

if TYPE_CHECKING:
    import ssl

    import httpx2
    from openai import AsyncOpenAI

CONNECT_S = 10.0
ITEM_HEADER = "x-viconwsd-item"


@lru_cache(maxsize=1)
def certificates() -> ssl.SSLContext:
    """The authorities that are trusted; read once, for it takes longer than twenty requests."""
    import httpx2

    return httpx2.create_ssl_context()


class Wire:
    """An open connection pool to one endpoint. Holds the key; shows it to nobody."""

    def __init__(self, settings: EndpointSettings) -> None:
        # The SDK is slow to import, and a run whose replies are all paid never needs it.
        import httpx2
        from openai import AsyncOpenAI, DefaultAioHttpClient, omit

        self._settings = settings
        self._secret = _secret(settings)
        # The SDK would take keys of its own from the environment and send them anywhere.
        self._headers: dict[str, Any] = {} if self._secret else {"Authorization": omit}
        if "api.openai.com" not in settings.base_url:
            self._headers |= {"OpenAI-Organization": omit, "OpenAI-Project": omit}
        self._client: AsyncOpenAI = AsyncOpenAI(
            api_key=self._secret or "none",
            admin_api_key="",
            base_url=settings.base_url,
            max_retries=0,
            timeout=httpx2.Timeout(settings.timeout_s, connect=CONNECT_S),
            http_client=DefaultAioHttpClient(
                verify=certificates(),
                limits=httpx2.Limits(
                    max_connections=settings.max_in_flight + 8,
                    max_keepalive_connections=settings.max_in_flight + 8,
                    keepalive_expiry=30.0,
                ),
            ),
        )
        self._response_type = httpx2.Response

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def post(self, body: bytes, item: str) -> bytes:
        """The body of a 200; TransientError, RefusedError or ServiceError for all else."""
        import aiohttp
        from openai import APIConnectionError, APIStatusError

        headers = {ITEM_HEADER: _header(item), **self._headers}
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                response: httpx2.Response = await self._client.post(
                    "/chat/completions",
                    cast_to=self._response_type,
                    content=body,
                    options={"headers": headers},
                )
        except APIStatusError as err:
            fault = self._status(err.status_code, _message(err), err.response.headers)
            raise fault from (None if self._leaks(err) else err)
        except (APIConnectionError, aiohttp.ClientError, OSError) as err:  # incl. TimeoutError
            fault = network_fault(err, self._settings.base_url, self._settings.timeout_s)
            raise fault from (None if self._leaks(err) else err)
        content: bytes = response.content
        failed = error_in(content)
        if failed is not None:
            raise self._status(*failed, response.headers)
        return self._scrubbed(content)

    def _status(self, status: int, said: str, headers: Any) -> Fault:
        return status_fault(self._settings, status, self._scrubbed_text(said), headers)

    def _leaks(self, error: BaseException) -> bool:
        return bool(self._secret) and self._secret in str(error)

    def _scrubbed_text(self, text: str) -> str:
        return text.replace(self._secret, "***") if self._secret else text

    def _scrubbed(self, content: bytes) -> bytes:
        if not self._secret:
            return content
        return content.replace(self._secret.encode(), b"***")


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


def _header(item: str) -> str:
    """``item`` as a header may carry it: percent-encoded where it is not plain ASCII."""
    if item.isascii() and item.isprintable():
        return item
    from urllib.parse import quote

    return quote(item, safe="/#: ")
