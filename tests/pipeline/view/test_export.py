"""Pages as files: whole, linked to each other, and equal whenever they are written."""

import re
from pathlib import Path

import pytest

from pipeline.cli.main import exit_code
from pipeline.publish.task import release_task
from pipeline.view import export
from pipeline.view.export import export_pages, pages_of
from schemas.errors import UsageError
from testing.browser import chromium
from testing.tiny_release import make_tiny_release
from tests.conftest import TinyRun

LINK = re.compile(r'(?:href|src|action)="([^"]*)"')


def quiet(_: str) -> None:
    pass


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_release(tmp_path_factory.mktemp("release") / "r")


@pytest.fixture(scope="module")
def exported(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages") / "out"
    export_pages(release, folder, "vi", quiet)
    return folder


def test_every_link_leads_to_a_file_beside_it(exported: Path) -> None:
    pages = sorted(exported.glob("*.html"))
    assert len(pages) == 2 + 1 + 1 + 3  # two pages, a list of words and one of rows, three words
    for page in pages:
        for link in LINK.findall(page.read_text(encoding="utf-8")):
            if link.startswith(("https://", "#")):
                continue
            assert (exported / link.partition("#")[0]).is_file(), f"{page.name}: {link}"


def test_nothing_asks_for_a_server_or_tells_of_this_machine(exported: Path) -> None:
    for page in exported.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<form" not in text
        assert "None" not in text
        assert str(exported.parent) not in text


def test_the_same_release_gives_the_same_bytes(release: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    export_pages(release, one, "en", quiet)
    export_pages(release, other, "en", quiet)
    export_pages(release, other, "en", quiet)  # in its own place again
    files = sorted(path.relative_to(one) for path in one.rglob("*"))
    assert files == sorted(path.relative_to(other) for path in other.rglob("*"))
    assert all((one / f).read_bytes() == (other / f).read_bytes() for f in files if f.suffix)


def test_of_a_larger_release_all_senses_and_a_sample_of_words(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "WHOLE", 4)
    export_pages(release, tmp_path / "out", "en", quiet)
    names = {path.name for path in (tmp_path / "out").glob("*.html")}
    words = {name for name in names if name.startswith("w-")}
    assert names - words == {"index.html", "quality.html", "words-1.html"}
    assert len(words) == 2  # hoà nhã has no rows, đường three; the five of khoan are too many
    listed = (tmp_path / "out" / "words-1.html").read_text(encoding="utf-8")
    assert "tạo lỗ bằng mũi xoay" in listed
    assert 'href="rows' not in listed


def test_a_folder_of_other_files_is_left_alone(release: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(UsageError, match="holds other files"):
        export_pages(release, tmp_path, "en", quiet)
    assert (tmp_path / "mine.txt").read_text() == "x"


def test_the_command_prints_where_to_begin(
    finished: TinyRun, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert exit_code(["view", "-c", str(finished.config), "--export", str(out)]) == 0
    assert capfd.readouterr().out == f"{out / 'index.html'}\n"


def test_pages_open_from_a_disk(exported: Path) -> None:
    with chromium() as browser:
        page = browser.new_page()
        page.goto((exported / "index.html").as_uri())
        page.click("nav >> text=Từ")
        page.click("tbody a >> text=khoan")
        assert page.inner_text("h1") == "khoan"
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.sense')).borderRadius")
            == "8px"
        )


def test_pages_are_published_with_the_release(finished: TinyRun) -> None:
    with release_task(finished.folder / "release", quiet, pages_of) as task:
        paths = {file.path for file in task.files}
    assert {"README.md", "pages/index.html", "pages/static/style.css"} <= paths
    with release_task(finished.folder / "release", quiet) as task:
        assert not [file.path for file in task.files if file.path.startswith("pages/")]
