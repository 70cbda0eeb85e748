"""``viconwsd diversity`` on files and folders, and on what cannot be measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli.main import exit_code
from testing.tiny_release import make_tiny_release
from tests.conftest import TinyRun

CATS = """\
sense_id,sentence,start,end,lemma
mèo,Con [[mèo]] nằm ngủ trong bếp.,,,
mèo,Con mèo nằm ngủ ngoài sân.,4,7,
mèo,Bà nuôi hai con mèo vàng!,,,mèo
chó,Một con [[chó]] lạ.,,,
"""
SHOWN = """\
3 sentences of each sense, at most 18 syllables
                    a.csv      b.csv
senses                  1          1
sentences               3          3
units                  18         18
distinct-1          0.667      0.667
distinct-2          0.733      0.733
distinct-3          0.833      0.833
compression ratio    1.15       1.15
template rate       0.667      0.667
self-repetition     0.462      0.462
cue saturation      0.667      0.667
"""


def written(folder: Path, name: str, text: str = CATS) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_files_are_shown_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first two share "con mèo nằm ngủ": 2 of 3, and log 2 for each of them."""
    files = [written(tmp_path, name) for name in ("a.csv", "b.csv")]
    assert exit_code(["diversity", *files, "--language", "vi"]) == 0
    assert " ".join(capsys.readouterr().out.split()) == " ".join(SHOWN.split())


def test_a_release_and_a_run_say_their_language_themselves(
    tmp_path: Path, tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    release = make_tiny_release(tmp_path / "release")
    assert exit_code(["run", "-c", str(tiny_run.config), "--until", "contexts"]) == 0
    capsys.readouterr()
    assert exit_code(["diversity", str(tiny_run.folder), str(release), "--per-sense", "1"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("1 sentences of each sense, at most ")
    assert f"{tiny_run.folder}: length as asked in " in out
    assert f"{release}: " not in out


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("sense_id,text\n1,x\n", ["--language", "vi"], "a.csv:1: no column sentence"),
        ("sense_id,sentence\n", ["--language", "vi"], "a.csv: no sentences"),
        ("sense_id,sentence\n1,\n", ["--language", "vi"], "a.csv:2: a row needs a sense_id"),
        ("sense_id,sentence\n1,một hai\n", ["--language", "vi"], "a.csv:2: mark the target"),
        (
            "sense_id,sentence,start,end\n1,một hai,3,99\n",
            ["--language", "vi"],
            "a.csv:2: no characters 3 to 99 in the sentence",
        ),
        (
            "sense_id,sentence,start,end\n1,một hai,x,y\n",
            ["--language", "vi"],
            "a.csv:2: start and end are numbers of characters",
        ),
        (CATS, [], "say the language of the sentences with --language"),
        (CATS, ["--language", "vi", "--per-sense", "4"], "a.csv: no sense has 4 sentences"),
    ],
)
def test_what_cannot_be_measured_is_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    text: str,
    options: list[str],
    said: str,
) -> None:
    assert exit_code(["diversity", written(tmp_path, "a.csv", text), *options]) in (1, 2)
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_languages_are_not_mixed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    release = make_tiny_release(tmp_path / "release")
    assert exit_code(["diversity", str(release), "--language", "en"]) == 2
    assert "one language can be compared" in capsys.readouterr().err


def test_a_run_without_contexts_says_how_to_get_them(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["diversity", str(tiny_run.folder)]) == 2
    assert "contexts are not there" in capsys.readouterr().err
