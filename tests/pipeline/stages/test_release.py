"""The stage ``release`` puts a copy of its release beside run.toml, and replaces nothing else."""

from pathlib import Path

import pytest

from pipeline.stages.release import copy_release
from schemas.errors import InputError
from testing.tiny_release import make_tiny_release


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_copy_replaces_an_older_release(tmp_path: Path) -> None:
    older = make_tiny_release(tmp_path / "older", version="0.1.0")
    newer = make_tiny_release(tmp_path / "newer", version="0.2.0")
    (older / "left over.txt").write_text("x", encoding="utf-8")
    copy_release(older, tmp_path / "release")
    copy_release(newer, tmp_path / "release")
    assert contents(tmp_path / "release") == contents(newer)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["newer", "older", "release"]


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    release = make_tiny_release(tmp_path / "made")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="mine: not empty and not a release; move what is in it"):
        copy_release(release, tmp_path / "mine")
    assert contents(tmp_path / "mine") == {"notes.txt": b"mine"}
