"""Every language has all its parts, and what is lacking is named."""

import pickle
from pathlib import Path

import pytest

from languages import find
from languages.find import find_language, known_languages
from schemas.errors import UsageError


@pytest.mark.parametrize("code", known_languages())
def test_every_language_is_complete(code: str) -> None:
    assert find_language(code).code == code


def test_a_region_stands_for_its_language() -> None:
    assert find_language("vi-VN") == find_language("vi")


def test_a_language_can_be_sent_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(find_language("vi"))).match_key("Hoà") == "hoà"


@pytest.mark.parametrize("code", ["xx", "", "..", "vi/../vi", "__pycache__"])
def test_a_language_without_a_folder_is_refused_with_those_there_are(code: str) -> None:
    with pytest.raises(UsageError, match=r"there are .*vi.*docs/languages\.md"):
        find_language(code)


def test_a_folder_that_lacks_a_part_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "xq"
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "names.py").write_text("NAMES = 'wrong'\n", encoding="utf-8")
    monkeypatch.setattr(find, "_FOLDER", tmp_path)
    monkeypatch.setattr("languages.__path__", [str(tmp_path)])
    with pytest.raises(
        UsageError, match=r"languages/xq lacks names\.py with NAMES, a Names; spell"
    ):
        find_language("xq")


def test_a_part_that_cannot_be_made_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "xr"
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    text = "from languages.names import Names\nNAMES = Names(own='x')\n"
    (folder / "names.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(find, "_FOLDER", tmp_path)
    monkeypatch.setattr("languages.__path__", [str(tmp_path)])
    with pytest.raises(
        UsageError, match=r"^languages/xr/names\.py: TypeError: .*'english'.*see docs"
    ):
        find_language("xr")
