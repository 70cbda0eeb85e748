"""Writes a page: one file, which needs no network and no other file.

The template's parts are plain HTML, CSS and JavaScript; they are put together here and nowhere
else. A policy in the file lets a browser run exactly this script and this style, and load nothing.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from pathlib import Path

from audits.key import PAGES, AuditKey, Sheet, read_key, read_sheets
from audits.page.content import page_content
from audits.page.shown import page_rows
from languages.language import Language
from schemas.files import write_text

_TEMPLATE = Path(__file__).parent / "template"
_SCRIPTS = ("digest", "keeping", "answers", "file", "card", "screens", "desk", "keys", "main")
"""In this order: what a script uses stands before it."""
_SERVED = " 'self'; connect-src 'self'"
_PLACE = re.compile(r"@(\w+)@")


def write_pages(folder: Path, language: Language) -> list[Path]:
    """Writes the page of every annotator of the audit in a folder; there is no answer in a page,
    so that it can be written anew at any time.
    """
    key = read_key(folder)
    sheets = [sheet for sheet in read_sheets(folder) if sheet.kind == "annotator"]
    return [_write_page(folder, key, sheet, language) for sheet in sheets]


def _write_page(folder: Path, key: AuditKey, sheet: Sheet, language: Language) -> Path:
    path = folder / PAGES / f"{sheet.name}.html"
    content = page_content(key, sheet, page_rows(folder, sheet), language)
    write_text(path, page_text(content, sheet.name, language))
    return path


def served_page(folder: Path, annotator: str, language: Language, more: str) -> str | None:
    """The text of an annotator's page on a server that has a further script for it at ``more``.

    None where the audit has no such annotator.
    """
    key = read_key(folder)
    own = [s for s in read_sheets(folder) if (s.kind, s.name) == ("annotator", annotator)]
    if not own:
        return None
    content = page_content(key, own[0], page_rows(folder, own[0]), language)
    return page_text(content, annotator, language, more)


def page_text(content: str, annotator: str, language: Language, more: str = "") -> str:
    """The file's text, with the content as it stands in its block.

    With ``more``, a script of that address on the page's own server is run too, and may answer it.
    """
    style = _part("page.css")
    script = "".join(_part(f"{name}.js") for name in _SCRIPTS)
    parts = {
        "language": html.escape(language.code),
        "title": html.escape(f"{language.audit.guide.titles['annotator']} – {annotator}"),
        "policy": (
            f"default-src 'none'; script-src '{_hash(script)}'{_SERVED if more else ''}; "
            f"style-src '{_hash(style)}'; base-uri 'none'; form-action 'none'"
        ),
        "more": f'<script src="{html.escape(more)}"></script>\n' if more else "",
        "style": style,
        "no_script": html.escape(language.audit_page.no_script),
        "content": content,
        "script": script,
    }
    return _PLACE.sub(lambda found: parts[found[1]], _part("page.html"))


def _part(name: str) -> str:
    return (_TEMPLATE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """As a content security policy names an inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
