"""The server of the pages: addresses, languages, errors in words."""

from __future__ import annotations

import html
import re
import sqlite3
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from languages.find import find_language, known_languages
from pipeline.publish.scan import Needles
from pipeline.view.guard import Guard
from pipeline.view.index.shelf import NotReadyError
from pipeline.view.links import OTHER, ServedLinks
from pipeline.view.pages.catalogue import PAGES, no_page
from pipeline.view.pages.page import Asked, MissingError, Page
from pipeline.view.pages.row import whole_reply
from pipeline.view.reading.audit_desk import LARGEST, keep_answers, page_of
from pipeline.view.reading.evaluated import PICTURES, evaluation_folder, pictures
from pipeline.view.reading.jobs import WorkingError
from pipeline.view.render import Renderer
from schemas.errors import ViconwsdError
from schemas.secrets import masked

if TYPE_CHECKING:
    from pipeline.view.reading.site import Site

STATIC = Path(__file__).parent / "static"
_FILES = {
    "style.css": "text/css",
    "live.js": "text/javascript",
    "audit.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_LANGUAGE = "viconwsd-language"
_INDEXING = "This data set is being indexed, once: {rows} of {all} contexts."
_ORDERING = "This data set is being indexed, once: {all} contexts are read, and put in order."
_BEGINNING = "This data set is being indexed, once."
_SENDING = "/static/audit.js"
_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')
_YEAR_S = 365 * 24 * 3600


class Server:
    """Answers requests about a site."""

    def __init__(self, site: Site, needles: Needles) -> None:
        self._site = site
        self._needles = tuple(text for text, _ in needles.texts)

    def application(self, token: str, port: int) -> Starlette:
        """The application behind its guard."""
        routes = [
            Route("/static/{name}", self._static),
            Route("/whole", self._whole),
            Route("/picture", self._picture),
            Route("/audit", self._audit),
            Route("/audit", self._answers, methods=["POST"]),
            Route("/", self._page),
            Route("/{page}", self._page),
            Route("/{rest:path}", self._page),
        ]
        guard = Middleware(Guard, token=token, port=port)
        return Starlette(routes=routes, middleware=[guard])

    @cached_property
    def _renderers(self) -> Mapping[tuple[str, str], Renderer]:
        """By the language, and by what the pages are of."""
        known = {code: find_language(code) for code in known_languages()}
        names = {code: language.names.own for code, language in known.items()}
        return {
            (code, of): Renderer(language.interface, code, names, ServedLinks(of), self._needles)
            for code, language in known.items()
            for of in ("", OTHER)
        }

    def _looked(self, request: Request) -> tuple[Site, str]:
        """What a page is of, and how addresses name that."""
        other = self._site.other() if request.query_params.get("of") == OTHER else None
        return (self._site, "") if other is None else (other, OTHER)

    async def _static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _FILES:
            return Response("no such file\n", 404, media_type="text/plain")
        return FileResponse(STATIC / name, media_type=_FILES[name])

    async def _whole(self, request: Request) -> Response:
        key = request.query_params.get("key", "")
        site = self._looked(request)[0]

        def text() -> str:
            return self._clean(masked(whole_reply(site, key).decode(errors="replace")))

        try:
            return PlainTextResponse(await run_in_threadpool(text))
        except (MissingError, ViconwsdError) as error:
            return PlainTextResponse(f"{self._clean(str(error))}\n", 404)

    async def _picture(self, request: Request) -> Response:
        """A picture of the evaluation, by its name among those that there are."""
        try:
            folder = await run_in_threadpool(evaluation_folder, self._looked(request)[0])
        except ViconwsdError:
            folder = None
        name = request.query_params.get("of", "")
        if folder is None or name not in pictures(folder):
            return PlainTextResponse("no such picture\n", 404)
        return FileResponse(folder / PICTURES / f"{name}.png", media_type="image/png")

    async def _audit(self, request: Request) -> Response:
        """The page on which an annotator answers, the same that is written as a file."""
        asked = request.query_params
        try:
            text = await run_in_threadpool(
                page_of, self._site, asked.get("audit", ""), asked.get("who", ""), _SENDING
            )
        except ViconwsdError as error:
            return PlainTextResponse(f"{self._clean(str(error))}\n", 500)
        policy = _POLICY.search(text or "")
        if text is None or policy is None:
            return PlainTextResponse("no such audit, or no such annotator\n", 404)
        told = f"{html.unescape(policy[1])}; frame-ancestors 'none'"
        return HTMLResponse(text, headers={"content-security-policy": told})

    async def _answers(self, request: Request) -> Response:
        """Keeps what a page sends; only from a page of ours, which says where it is from."""
        if request.headers.get("origin") != f"http://{request.headers['host']}":
            return PlainTextResponse("not from here\n", 403)
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LARGEST:
                return PlainTextResponse("too large\n", 413)
        asked = request.query_params
        try:
            await run_in_threadpool(
                keep_answers, self._site, asked.get("audit", ""), asked.get("who", ""), body
            )
        except ViconwsdError as error:
            return PlainTextResponse(f"{self._clean(str(error))}\n", 400)
        return Response(status_code=204)

    def _clean(self, text: str) -> str:
        for needle in self._needles:
            text = text.replace(needle, "…")
        return text

    async def _page(self, request: Request) -> Response:
        return await run_in_threadpool(self._answer, request)

    def _answer(self, request: Request) -> Response:
        code = self._chosen_language(request)
        name = request.path_params.get("page", request.path_params.get("rest", "run"))
        asked = dict(request.query_params)
        site, of, late = self._site, "", self._site.shelf.late
        try:
            site, of = self._looked(request)
            late = site.shelf.late
            page = self._made(site, name, Asked(asked))
        except (ViconwsdError, OSError) as error:  # what is compared with cannot be read any more
            page = Page("message.html", "This cannot be shown", {"message": str(error)}, 500)
        renewing = site.shelf.late > late
        renderer, told = self._renderers[code, of], _told_of(site)
        try:
            text = renderer.html(page, *told, name, renewing, asked)
        except Exception as error:
            page = _bug(error)
            text = renderer.html(page, *told, name, renewing, asked)
        answer = HTMLResponse(text, page.status)
        if request.query_params.get("lang") == code:
            answer.set_cookie(_LANGUAGE, code, max_age=_YEAR_S, samesite="strict", httponly=True)
        return answer

    def _made(self, site: Site, name: str, asked: Asked) -> Page:
        """The page, or one that says why there is none."""
        try:
            return PAGES.get(name, no_page)(site, asked)
        except NotReadyError as making:
            told = _INDEXING if making.rows < making.of else _ORDERING
            return _patience(told if making.of else _BEGINNING, making.rows, making.of)
        except WorkingError as working:
            return _patience(str(working))
        except MissingError as error:
            return Page("message.html", "Not here", {"message": str(error)}, 404)
        except ViconwsdError as error:
            return Page("message.html", "This cannot be shown", {"message": str(error)}, 500)
        except sqlite3.DatabaseError:
            site.shelf.forget(site.shelf.path(site.tables().digest))
            return _patience(_BEGINNING)
        except FileNotFoundError:
            message = "a file cannot be read; it may have been replaced just now: reload the page"
            return Page("message.html", "This cannot be shown", {"message": message}, 500)
        except Exception as error:
            return _bug(error)

    def _chosen_language(self, request: Request) -> str:
        """That of the switch, of its cookie, else the first of the browser's that there is."""
        wishes = [request.query_params.get("lang", ""), request.cookies.get(_LANGUAGE, "")]
        accepted = request.headers.get("accept-language", "")
        weighed = [_weighed(part) for part in accepted.split(",")[:20]]
        wishes += [code for _, code in sorted(weighed, key=lambda each: -each[0])]
        known = known_languages()
        return next((code for code in wishes if code in known), "en")


def _told_of(site: Site) -> tuple[str, str]:
    """What is looked at and the language of its words, whatever is wrong with it."""
    try:
        return site.name(), site.language().code
    except (ViconwsdError, OSError):
        return "viconwsd", "vi"


def _bug(error: Exception) -> Page:
    message = f"this is a bug in viconwsd view: {type(error).__name__}: {error}"
    return Page("message.html", "This cannot be shown", {"message": message}, 500)


def _patience(told: str, rows: int = 0, of: int = 0) -> Page:
    values = {"told": told, "rows": rows, "all": of}
    return Page("building.html", "One moment", values, 503, refresh_s=1)


def _weighed(part: str) -> tuple[float, str]:
    """A language of ``Accept-Language`` with its weight."""
    tag, _, weight = part.strip().partition(";q=")
    try:
        return float(weight or 1), tag.partition("-")[0].lower()
    except ValueError:
        return 0.0, ""
