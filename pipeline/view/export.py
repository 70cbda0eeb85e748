"""Pages as files, that open from a disk or from any server: a release whole, or a part of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from languages.find import find_language
from pipeline.publish.scan import Needles
from pipeline.release.manifest import ReleaseManifest
from pipeline.view.index.build import build_index
from pipeline.view.index.queries import PAGE_ROWS
from pipeline.view.index.shelf import Shelf
from pipeline.view.links import ENTRY, QUALITY, FileLinks, list_file
from pipeline.view.pages.page import Asked, MakePage
from pipeline.view.pages.quality import quality_page
from pipeline.view.pages.run import run_page
from pipeline.view.pages.word import word_page
from pipeline.view.pages.words import rows_page, words_page
from pipeline.view.reading.jobs import Jobs
from pipeline.view.reading.site import Looked, Site
from pipeline.view.render import Renderer
from pipeline.view.server import STATIC
from schemas.errors import UsageError
from schemas.files import explained, replacing_folder
from schemas.ids import content_digest
from schemas.numbers import counted

WHOLE = 10_000
"""Rows up to which a release is exported whole; of a larger one so many, word by word."""
PATIENCE_S = 3600.0
"""For what the pages of a server would ask to be patient about."""


def export_pages(release: Path, folder: Path, code: str, say: Callable[[str], None]) -> None:
    """Writes the pages of a release into a folder, in a language of the interface.

    A folder that holds anything else than such pages is refused.
    """
    _refuse_foreign(folder)
    with _site_of(release) as site, replacing_folder(folder) as new:
        n_pages = _write(site, new, code)
    say(f"{counted(n_pages, 'page')} in {folder}: open {folder / ENTRY}")


def pages_of(release: Path, folder: Path) -> None:
    """The pages in English, as they are published."""
    export_pages(release, folder, "en", lambda _: None)


def _refuse_foreign(folder: Path) -> None:
    with explained(folder):
        if not os.path.lexists(folder):
            return
        found = {path.name for path in folder.iterdir()}
    if found and not {ENTRY, "static"} <= found:
        raise UsageError(f"{folder}: holds other files; give a new folder, or one of such pages")


@contextmanager
def _site_of(release: Path) -> Iterator[Site]:
    """The release alone, with an index that lives as long as the body."""
    ReleaseManifest.read(release)
    with TemporaryDirectory(prefix="viconwsd-pages-") as temporary:
        shelf = Shelf(Path(temporary))
        site = Site(Looked(None, release), shelf, shelf, Jobs(PATIENCE_S))
        tables = site.tables()
        build_index(shelf.path(tables.digest), tables, {})
        yield site


def _write(site: Site, folder: Path, code: str) -> int:
    """Writes all pages, and returns their number."""
    with site.index() as index:
        n_rows, n_lemmas = index.fact("rows"), index.fact("lemmas")
        whole = n_rows <= WHOLE
        words = _words(index.lemma_rows(), whole)
    lists = {"words": max(1, -(-n_lemmas // PAGE_ROWS))}
    lists |= {"rows": max(1, -(-n_rows // PAGE_ROWS))} if whole else {}
    language = find_language(code)
    links = FileLinks(words, lists, site.language().match_key)
    menu = tuple(name for name in ("run", "words", "rows", "quality") if links.to(name))
    needles = tuple(text for text, _ in Needles.of_this_machine(folder).texts)
    shown = Renderer(language.interface, code, {}, links, needles, menu, live=False)
    told = site.name(), site.language().code
    shutil.copytree(STATIC, folder / "static")
    n_pages = 0
    for name, at, make, asked in _pages(words, lists, whole):
        text = shown.html(make(site, Asked(asked)), *told, at)
        with explained(folder):
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        n_pages += 1
    return n_pages


def _pages(
    words: Mapping[str, str], lists: Mapping[str, int], whole: bool
) -> Iterator[tuple[str, str, MakePage, dict[str, str]]]:
    """Each page: its file, its place in the menu, what makes it, and what it is asked."""
    yield ENTRY, "run", run_page, {}
    yield QUALITY, "quality", quality_page, {}
    asked = {"order": "lemma"} | ({} if whole else {"glosses": "1"})
    for number in range(1, lists["words"] + 1):
        page = {"page": str(number)}
        yield list_file("words", number), "words", words_page, asked | page
    for number in range(1, lists.get("rows", 0) + 1):
        yield list_file("rows", number), "rows", rows_page, {"page": str(number)}
    for key, name in words.items():
        yield name, "", word_page, {"lemma": key, "all": "1"}


def _words(lemmas: Iterable[tuple[str, int]], whole: bool) -> dict[str, str]:
    """The file of each lemma that gets one, by its key: all, or a sample by digest."""
    chosen: dict[str, str] = {}
    left = WHOLE
    for digest, key, rows in sorted((content_digest(key), key, rows) for key, rows in lemmas):
        if not whole and rows > left:
            continue
        left -= rows
        chosen[key] = f"w-{digest[:16]}.html"
    return chosen
