"""The transport to an endpoint on the network: the openai SDK, on its aiohttp transport."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import quote, urljoin, urlsplit

from pipeline.llm.faults import Fault, RefusedError, causes, network_fault, said_in, status_fault
from pipeline.llm.settings import EndpointSettings
from pipeline.llm.streaming import is_stream, put_together, streamed
from schemas.errors import ServiceError, UsageError

if TYPE_CHECKING:
    import ssl

    import httpx2
    from openai import AsyncOpenAI

CONNECT_S = 10.0
"""An address that takes no connection in this time is not there, or is overrun."""
CHECK_S = 30.0
"""A list of models comes in a second; a server that is loading one may take a while."""
SPARE_CONNECTIONS = 8
"""A connection is closed a moment after its place has been given on."""
SHORTEST_SECRET = 8
"""What is shorter is no key ("none", "x"), and would be found in every reply."""
ITEM_HEADER = "x-viconwsd-item"
_BOM = b"\xef\xbb\xbf"


@lru_cache(maxsize=1)
def certificates() -> ssl.SSLContext:
    """The authorities that are trusted; read once, for it takes longer than twenty requests."""
    import httpx2

    return httpx2.create_ssl_context()


class HttpTransport:
    """A connection pool to one endpoint with one key. Shows the key to nobody.

    The key is looked for, and the slow SDK imported, when the first request is sent: a run
    whose replies are all paid needs neither.
    """

    def __init__(self, settings: EndpointSettings, key_variable: str | None) -> None:
        self._settings = settings
        self._key_variable = key_variable
        self._echoes: tuple[str, ...] = ()
        self._headers: dict[str, Any] = {}
        self._streams = settings.stream
        self._client: AsyncOpenAI | None = None
        self._http: httpx2.AsyncClient | None = None
        self._key = ""

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def check(self) -> None:
        """Ask for the list of models, which is free; an endpoint without one is there too."""
        try:
            await self._exchange("/models", None, "", CHECK_S)
        except RefusedError as refused:
            if refused.status == 403:
                raise

    async def send(self, body: bytes, label: str) -> bytes:
        """The body of a 200, put together if it came in pieces."""
        timeout_s = self._settings.timeout_s
        sent = streamed(body) if self._streams else body
        try:
            reply = await self._exchange("/chat/completions", sent, label, timeout_s)
        except RefusedError as refused:
            if self._streams or not _demands_a_stream(refused.said):
                raise
            self._streams = True
            return await self.send(body, label)
        return put_together(reply) if is_stream(reply) else reply

    async def _exchange(self, path: str, body: bytes | None, label: str, timeout_s: float) -> bytes:
        method, headers = "GET" if body is None else "POST", self.labelled(label)
        response = await self.request(method, path, timeout_s, headers, content=body)
        return self.content(response)

    @staticmethod
    def labelled(label: str) -> dict[str, str]:
        """The header that names a request for people and recordings."""
        return {ITEM_HEADER: _header(label)}

    async def request(
        self,
        method: str,
        path: str,
        timeout_s: float = CHECK_S,
        headers: Mapping[str, str] | None = None,
        *,
        content: bytes | AsyncIterable[bytes] | None = None,
        form: Mapping[str, str] | None = None,
        file: tuple[str, BinaryIO] | None = None,
    ) -> httpx2.Response:
        """What answers a request to ``path``, or to another address of the endpoint's own host.

        ``content`` is a body as it is, ``form`` and ``file`` make one of several parts. Whatever
        goes wrong is raised as ``send`` raises it; what an answer repeats of the key is in it.
        """
        client = self._client or self._opened()
        import aiohttp
        import httpx2
        from openai import APIConnectionError, APIStatusError

        url = self._own(path)
        kind = "multipart/form-data" if file else "application/json"
        own = {"Content-Type": kind, **self._headers, **(headers or {})}
        how: dict[str, Any] = {"cast_to": httpx2.Response, "options": {"headers": own}}
        if method == "POST":
            how |= {"content": content} if file is None else {"body": form, "files": {"file": file}}
        base_url = self._settings.base_url
        try:
            async with asyncio.timeout(timeout_s):
                call = client.get if method == "GET" else client.post
                response: httpx2.Response = await call(url, **how)
        except APIStatusError as err:
            fault = self._fault(err.response, said_in(err.body) or str(err.message))
            raise fault from (None if self._leaks(err) else err)
        except (APIConnectionError, aiohttp.ClientError, OSError) as err:  # incl. TimeoutError
            lost = network_fault(err, base_url, timeout_s)
            lost.detail = self._scrubbed(lost.detail)
            raise lost from (None if self._leaks(err) else err)
        return response

    def content(self, response: httpx2.Response) -> bytes:
        """The body of an answer, without the key."""
        return self._scrubbed_bytes(response.content.removeprefix(_BOM))

    async def lines(
        self, path: str, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[bytes]:
        """The lines of a file, while it comes in; the last one may have been cut off."""
        if self._client is None:
            self._opened()
        import aiohttp
        import httpx2

        assert self._http is not None
        timeout_s = self._settings.timeout_s
        own = {name: value for name, value in self._headers.items() if isinstance(value, str)}
        if self._key and not self._settings.api_key_header:
            own["Authorization"] = f"Bearer {self._key}"
        how: Any = {
            "headers": {**self._settings.headers, **own, **(headers or {})},
            "params": self._settings.query or None,
        }
        rest = b""
        try:
            url = urljoin(self._settings.base_url + "/", self._own(path).removeprefix("/"))
            async with self._http.stream("GET", url, **how) as response:
                if response.status_code != 200:
                    await response.aread()
                    raise self._fault(response, said_in(response.text))
                async for part in response.aiter_bytes():
                    *whole, rest = (rest + part).split(b"\n")
                    for line in whole:
                        yield self._scrubbed_bytes(line)
        except (httpx2.HTTPError, aiohttp.ClientError, OSError) as err:
            lost = network_fault(err, self._settings.base_url, timeout_s)
            lost.detail = self._scrubbed(lost.detail)
            raise lost from (None if self._leaks(err) else err)
        if rest:
            yield self._scrubbed_bytes(rest)

    def _own(self, path: str) -> str:
        """``path`` if it lies on the endpoint's own host: the key goes nowhere else."""
        base, parts = urlsplit(self._settings.base_url), urlsplit(path)
        if parts.netloc and (parts.scheme, parts.netloc) != (base.scheme, base.netloc):
            raise ServiceError(
                f"{self._settings.base_url} sends us to {parts.netloc}, where no key is sent;"
                " check base_url"
            )
        return path

    def _fault(self, response: httpx2.Response, said: str) -> Fault:
        said = self._scrubbed(said)
        if 300 <= response.status_code < 400:
            target = self._scrubbed(response.headers.get("location", "elsewhere"))
            said = f"it redirects to {target}, where no prompt is sent: set base_url to that"
        return status_fault(self._settings, response.status_code, said, response.headers)

    def _opened(self) -> AsyncOpenAI:
        import httpx2
        from openai import AsyncOpenAI, DefaultAioHttpClient, omit

        settings = self._settings
        self._key = key = _key(self._key_variable, settings.base_url)
        self._echoes = _echoes(key)
        # The SDK would take keys of its own from the environment and send them anywhere.
        self._headers = {} if key and not settings.api_key_header else {"Authorization": omit}
        if key and settings.api_key_header:
            self._headers[settings.api_key_header] = key
        if "api.openai.com" not in settings.base_url:
            self._headers |= {"OpenAI-Organization": omit, "OpenAI-Project": omit}
        connections = settings.max_in_flight + SPARE_CONNECTIONS
        timeout = httpx2.Timeout(settings.timeout_s, connect=CONNECT_S)
        self._http = DefaultAioHttpClient(
            verify=certificates(),
            follow_redirects=False,  # the prompts would go where nobody sent them
            timeout=timeout,
            limits=httpx2.Limits(
                max_connections=connections, max_keepalive_connections=connections
            ),
        )
        self._client = AsyncOpenAI(
            api_key=key or "none",
            admin_api_key="",
            base_url=settings.base_url,
            default_headers=settings.headers,
            default_query=settings.query,
            max_retries=0,
            timeout=timeout,
            http_client=self._http,
        )
        return self._client

    def _leaks(self, error: BaseException) -> bool:
        said = "".join(str(each) for each in causes(error))
        return any(echo in said for echo in self._echoes)

    def _scrubbed_bytes(self, content: bytes) -> bytes:
        for echo in self._echoes:
            content = content.replace(echo.encode(), b"***")
        return content

    def _scrubbed(self, text: str) -> str:
        for echo in self._echoes:
            text = text.replace(echo, "***")
        return text


def require_keys(settings: EndpointSettings) -> None:
    """UsageError where a key of an endpoint is not set or cannot be sent."""
    for name in settings.key_variables:
        _key(name, settings.base_url)


def _key(variable: str | None, base_url: str) -> str:
    if variable is None:
        return ""
    value = os.environ.get(variable, "").strip()
    if not value:
        raise UsageError(
            f"environment variable {variable} is not set: export it with the key for"
            f" {base_url}, or drop api_key_env if none is needed"
        )
    if not value.isascii() or not value.isprintable() or " " in value:
        raise UsageError(
            f"environment variable {variable} holds no key: line breaks, spaces and letters"
            " outside ASCII cannot be sent; export it anew"
        )
    return value


def _echoes(key: str) -> tuple[str, ...]:
    """The spellings in which an endpoint may repeat a key: as it is, or escaped for JSON."""
    if len(key) < SHORTEST_SECRET:
        return ()
    escaped = json.dumps(key)[1:-1]
    return tuple(dict.fromkeys((key, escaped, escaped.replace("/", "\\/"), quote(key, safe=""))))


def _demands_a_stream(said: str) -> bool:
    return "stream" in said and any(word in said for word in ("only", "must", "require", "set"))


def _header(label: str) -> str:
    """``label`` as a header may carry it: percent-encoded where it is not plain ASCII."""
    return label if label.isascii() and label.isprintable() else quote(label, safe="/#: ")
