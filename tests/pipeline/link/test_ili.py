"""Interlingual ids come from the table that the user names, and from nowhere else."""

from pathlib import Path

import pytest

from pipeline.link.ili import read_ili
from schemas.errors import InputError


def table(folder: Path, text: str) -> Path:
    path = folder / "ili.tab"
    path.write_text(text, encoding="utf-8")
    return path


def test_ids_and_offsets_find_each_other(tmp_path: Path) -> None:
    ids = read_ili(table(tmp_path, "i1\t00001740-a\ni2\t00003700-s\ni3\t00001740-n\n"))
    assert ids.princeton("i2") == "00003700-a"
    assert ids.princeton("i9") is None
    assert [ids.ili(at) for at in ("00001740-a", "00001740-n", "00003700-a")] == ["i1", "i3", "i2"]


def test_an_offset_that_corrections_moved_is_found_and_another_one_is_not(tmp_path: Path) -> None:
    ids = read_ili(table(tmp_path, "i1\t00001740-n\n"))
    assert ids.ili("00001758-n") == ids.ili("00001722-n") == "i1"
    assert ids.ili("00001759-n") is None
    assert ids.ili("00001721-n") is None
    assert ids.ili("00001740-v") is None


def test_without_a_table_there_are_no_ids() -> None:
    assert read_ili(None).ili("00001740-n") is None


@pytest.mark.parametrize("line", ["i1 00001740-n", "1\t00001740-n", "i1\t1740-n", "i1\t00001740-x"])
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str) -> None:
    path = table(tmp_path, f"i1\t00001740-a\n{line}\n")
    with pytest.raises(InputError, match=r"ili\.tab, line 2: wanted an interlingual id, a tab and"):
        read_ili(path)
