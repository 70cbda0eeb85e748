"""Who may see a page: the browser that was given the token, on this machine, and nobody else.

A page of another origin cannot read these (no such header is sent), nor can one whose name was made
to point at this machine (the Host header must be ours), nor can a link from elsewhere act for the
person at the browser (the cookie is SameSite=Strict).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN = "token"
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_REFUSED = (
    "This page belongs to whoever started `viconwsd view`: open the address that it printed.\n"
)


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets through what comes with the token, as a cookie or, at first, in the address."""

    app: ASGIApp
    token: str
    port: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._answer(scope)(scope, receive, sending)

    def _answer(self, scope: Scope) -> ASGIApp:
        headers = Headers(scope=scope)
        if headers.getlist("host") not in ([f"{name}:{self.port}"] for name in _NAMES):
            return PlainTextResponse("no such host here\n", 421)
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in asked if name == TOKEN]
        if given and self._is_ours(given[0]):
            rest = urlencode([(name, value) for name, value in asked if name != TOKEN])
            path = f"/{scope['path'].lstrip('/')}"
            answer = RedirectResponse(f"{path}?{rest}" if rest else path, 303)
            answer.set_cookie(self.cookie, self.token, httponly=True, samesite="strict")
            return answer
        if not self._is_ours(_cookie(headers, self.cookie)):
            return PlainTextResponse(_REFUSED, 403)
        return self.app

    @property
    def cookie(self) -> str:
        """The cookie's name: those of all ports of a machine lie in one jar."""
        return f"viconwsd-{self.port}"

    def _is_ours(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.token.encode())


_NAMES = ("127.0.0.1", "localhost")


def _cookie(headers: Headers, name: str) -> str:
    for line in headers.getlist("cookie"):
        try:
            found = SimpleCookie(line).get(name)
        except CookieError:
            continue
        if found is not None:
            return found.value
    return ""
