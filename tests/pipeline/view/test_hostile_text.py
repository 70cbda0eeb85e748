"""Whatever a model, a source or a file name says is text: no tag and no attribute comes of it."""

import html
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.llm.ledger import Ledger
from pipeline.llm.ledger_rows import PaidReply
from pipeline.release.manifest import ReleaseManifest, TableFile
from schemas.records import Example, InventorySense, Reject, Vote
from schemas.tables import read_table, write_table
from testing.tiny_release import MADE_BY, make_tiny_release
from tests.conftest import TinyRun
from tests.pipeline.view.conftest import Seen, seen

HOSTILE = (
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "</bdi></mark></title></pre><svg onload=alert(1)>",
    '" onmouseover="alert(1)" x=\'',
    "{{ 7*7 }}{% raw %}<!--",
    "javascript:alert(1)//",
    "a/b%2F..%2f?x=1&y=2#z@w",
    "\u202egnp.exe\u2066\u200f \U0001f600\u0301",
    "&lt;b&gt;&#60;i&#62;",
)
ADDRESSES = ("/", "/words", "/rows", "/rejects", "/quality", "/compare", "/model")
OURS = ("/", "#", "?", "https://wordnet-rdf.princeton.edu/pwn30/", "https://www.globalwordnet.org/")
KEY = "ab" * 16


class Skeleton(HTMLParser):
    """The tags of a page with the names of their attributes, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.links += [v or "" for name, v in attrs if name in ("href", "src", "action")]

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", ()))

    def handle_comment(self, data: str) -> None:
        self.tags.append(("!--", ()))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def spoiled(folder: Path, text: str) -> Path:
    """A release whose every text has another one in it."""
    make_tiny_release(folder)
    manifest = ReleaseManifest.read(folder)
    tables = [_spoiled(folder, table, text) for table in manifest.tables]
    changed = {"tables": tuple(tables), "name": f"n{text}"}
    manifest.model_copy(update=changed).write(folder)
    return folder


def _spoiled(folder: Path, table: TableFile, text: str) -> TableFile:
    path = folder / table.path
    if table.table == "senses":
        senses = [
            row.model_copy(
                update={
                    "sense_id": f"{row.synset_id}#{row.lemma}{text}",
                    "lemma": row.lemma + text,
                    "gloss": (row.gloss or "") + text,
                    "supersense": row.supersense + text,
                    "ili": f"i1{text}",
                    "princeton": f"1-n{text}",
                    "cluster": text,
                }
            )
            for row in read_table(path, InventorySense)
        ]
        return table.model_copy(update={"content_hash": write_table(path, InventorySense, senses)})
    if table.table == "examples":
        rows = [
            row.model_copy(
                update={
                    "sense_id": f"{row.synset_id}#{row.lemma}{text}",
                    "context_id": f"{row.synset_id}#{row.lemma}{text}@{at}",
                    "sentence": f"{row.sentence[: row.target_end]}{text}",
                    "votes": (
                        Vote(judge=f"j{text}", sense_id=text),
                        Vote(judge="b", sense_id=None),
                    ),
                }
            )
            for at, row in enumerate(read_table(path, Example))
        ]
        return table.model_copy(update={"content_hash": write_table(path, Example, rows)})
    return table


def pages(found: Seen) -> list[str]:
    """Every page of a release, with the word and the row that are listed first."""
    texts = [found.text(address) for address in ADDRESSES]
    with found.site.index() as index:
        lemma = index.lemmas("rows", "", "", "", 1).entries[0]
        row = index.rows_of(index.senses(lemma.key)[0], 1, 1)[0]
    texts.append(found.text(f"/word?lemma={quote(lemma.lemma, safe='')}"))
    texts.append(found.text(f"/row?id={quote(row.context_id, safe='')}"))
    return texts


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> list[Skeleton]:
    folder = spoiled(tmp_path_factory.mktemp("plain") / "r", "bình thường")
    return [Skeleton(page) for page in pages(seen(release=folder, against=folder))]


def same_skeleton(folder: Path, text: str, plain: list[Skeleton]) -> None:
    found = pages(seen(release=spoiled(folder, text), against=folder))
    for page, wanted in zip(found, plain, strict=True):
        skeleton = Skeleton(page)
        assert skeleton.tags == wanted.tags
        assert all(link.startswith(OURS) for link in skeleton.links), skeleton.links


@pytest.mark.parametrize("text", HOSTILE)
def test_no_page_of_a_release_gets_a_tag_from_a_text(
    text: str, plain: list[Skeleton], tmp_path: Path
) -> None:
    same_skeleton(tmp_path / "r", text, plain)


@settings(max_examples=3)
@given(text=st.text(st.sampled_from("<>\"'&;=/{}%#!-[] \n\0à🙂\u202e"), min_size=1, max_size=12))
def test_no_page_gets_a_tag_from_any_characters(
    text: str, plain: list[Skeleton], tmp_path_factory: pytest.TempPathFactory
) -> None:
    same_skeleton(tmp_path_factory.mktemp("any") / "r", f"x{text}", plain)


@pytest.fixture
def copied(finished: TinyRun, tmp_path: Path) -> Callable[[str, bytes], Seen]:
    """A copy of the run with a reject and a reply of one's own."""

    def make(text: str, body: bytes) -> Seen:
        folder = tmp_path / "run"
        shutil.copytree(finished.folder, folder, ignore=shutil.ignore_patterns(".view"))
        [path] = (folder / "stages" / "contexts").glob("*/rejects.parquet")
        reject = Reject(
            stage="contexts",
            item_id=f"tiny-1#khoan{text}",
            code=f"c{text}",
            detail=text or "-",
            text=text,
            provenance=MADE_BY.model_copy(update={"request_key": KEY}),
        )
        write_table(path, Reject, [reject])
        with Ledger(folder / "ledger.sqlite") as ledger:
            numbers = (1, 1, None, f"stop{text}", None)
            reply = PaidReply(KEY, f"contexts/x{text}/1", 0, "e", f"m{text}", 1, *numbers, body)
            ledger.record_all([reply])
        return seen(folder / "run.toml")

    return make


@pytest.mark.parametrize("text", HOSTILE)
def test_rejects_and_replies_are_text_too(text: str, copied: Callable[[str, bytes], Seen]) -> None:
    found = copied(text, text.encode())
    for address in ("/", "/rejects", f"/reply?key={KEY}", "/word?lemma=khoan"):
        page = found.text(address)
        assert "<script>" not in page
        assert "<img" not in page
        assert 'onmouseover="' not in page
        assert not [c for c in "\u202e\u2066\u200f" if c in page]
    whole = found.client.get(f"/whole?key={KEY}")
    assert whole.headers["content-type"].startswith("text/plain")


def test_a_long_reply_is_cut_with_a_link_to_the_whole(
    copied: Callable[[str, bytes], Seen],
) -> None:
    found = copied("x", b"<p>" + b"a" * 10_000_000)
    page = found.text(f"/reply?key={KEY}")
    assert len(page) < 60_000
    assert "these are the first characters of 10,000,003" in page
    assert f"/whole?key={KEY}" in page
    assert len(found.text(f"/whole?key={KEY}")) == 10_000_003


def test_a_text_is_shown_as_it_is(tmp_path: Path) -> None:
    text = "<b>&amp;</b>\"'"
    found = seen(release=spoiled(tmp_path / "r", text))
    assert html.escape(text) in found.text("/rows").replace("&#34;", "&quot;").replace(
        "&#39;", "&#x27;"
    )
