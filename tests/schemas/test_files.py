"""A file is whole or absent, and what cannot be read or written is one line with advice."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from schemas.errors import InputError, StorageError
from schemas.files import (
    explained,
    read_json,
    replacing,
    replacing_folder,
    storage_error,
    write_text,
)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.ENOSPC, "the disk is full: free some space and run again; nothing is lost"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EROFS, "the file system is read-only: choose another folder"),
        (errno.EACCES, "no permission"),
        (errno.ENOENT, "no such file or folder"),
        (errno.ENOTDIR, "a part of the path is a file"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_each_refusal_says_what_to_do(code: int, advice: str) -> None:
    error = storage_error(Path("runs/a"), OSError(code, os.strerror(code)))
    assert str(error).startswith("runs/a: ")
    assert advice in str(error)


def test_a_full_disk_is_explained_where_it_happens(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with (
        pytest.raises(StorageError, match="the disk is full"),
        explained(full),
        full.open("w", encoding="utf-8") as file,
    ):
        file.write("x" * 100_000)


def test_text_is_written_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    write_text(path, "đường\nsắt\r\n")
    assert path.read_bytes() == "đường\nsắt\r\n".encode()
    assert [file.name for file in path.parent.iterdir()] == ["a.txt"]


def test_a_failed_write_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(ValueError, match="stop"), replacing(path) as temporary:
        temporary.write_text("half of the n", encoding="utf-8")
        raise ValueError("stop")
    assert path.read_text(encoding="utf-8") == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_a_path_through_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="file"):
        write_text(tmp_path / "file" / "b.txt", "x")


class Answer(BaseModel):
    lemma: str
    counts: dict[str, int]


def test_a_record_is_read_from_json(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_text(path, '{"lemma": "đường", "counts": {"good": 3}}')
    assert read_json(path, Answer, "an answer", "ask again") == Answer(
        lemma="đường", counts={"good": 3}
    )


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (
            b'{"lemma": "a", "counts": {"good": "x"}}',
            "not an answer (counts.good: Input should be a valid integer, unable to parse string "
            "as an integer); ask again",
        ),
        (b"{}", "not an answer (lemma: Field required); ask again"),
        (b"", "not an answer (Invalid JSON: EOF while parsing a value at line 1 column 0); "),
        (b'{"lemma": "\xff"}', "not an answer (Invalid JSON: invalid unicode code point"),
    ],
)
def test_json_that_is_no_such_record_is_one_line(tmp_path: Path, content: bytes, line: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        read_json(path, Answer, "an answer", "ask again", InputError)
    assert str(refused.value).startswith(f"{path}: {line}")
    assert "\n" not in str(refused.value)


def test_a_json_file_that_is_not_there_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no such file"):
        read_json(tmp_path / "a.json", Answer, "an answer", "ask again", InputError)


def filled(folder: Path, text: str) -> Path:
    write_text(folder / "data" / "a.txt", text)
    return folder


def content(folder: Path) -> str:
    return (folder / "data" / "a.txt").read_text(encoding="utf-8")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("before", [None, "old"])
def test_a_new_folder_takes_its_place_whole(tmp_path: Path, before: str | None) -> None:
    place = tmp_path / "made" / "release"
    if before:
        filled(place, before)
    with replacing_folder(place) as new:
        assert not any(new.iterdir())
        filled(new, "new")
        assert place.exists() == (before is not None)
    assert content(place) == "new"
    assert names(place.parent) == ["release"]


def test_a_body_that_fails_leaves_the_old_folder(tmp_path: Path) -> None:
    place = filled(tmp_path / "release", "old")
    with pytest.raises(ValueError, match="stop"), replacing_folder(place) as new:
        filled(new, "half")
        raise ValueError("stop")
    assert content(place) == "old"
    assert names(tmp_path) == ["release"]


@pytest.mark.parametrize("failing", [1, 2])
def test_a_rename_that_fails_leaves_the_old_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    """The first rename puts the old folder aside, the second the new one in its place."""
    place = filled(tmp_path / "release", "old")
    rename, calls = Path.rename, []

    def faulty(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == failing:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", faulty)
    with (
        pytest.raises(StorageError, match="release: the disk is full"),
        replacing_folder(place) as new,
    ):
        filled(new, "new")
    assert content(place) == "old"
    assert names(tmp_path) == ["release"]


def test_an_old_folder_that_cannot_be_removed_does_not_undo_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = filled(tmp_path / "release", "old")
    rename = Path.rename

    def faulty(self: Path, target: Path) -> Path:
        if self.name == ".release.old":
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", faulty)
        with replacing_folder(place) as new:
            filled(new, "new")
    assert content(place) == "new"
    with replacing_folder(place) as new:
        filled(new, "newer")
    assert content(place) == "newer"
    assert names(tmp_path) == ["release"]


_KILLED = """
import os, signal, sys
from pathlib import Path
from schemas.files import replacing_folder, write_text

rename, calls = Path.rename, []

def deadly(self, target):
    calls.append(target)
    if len(calls) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(self, target)

Path.rename = deadly
with replacing_folder(Path(sys.argv[1])) as new:
    write_text(new / "data" / "a.txt", "new")
"""


@pytest.mark.parametrize(("step", "left"), [(1, "old"), (2, "old"), (3, "new")])
def test_after_a_kill_at_any_rename_one_whole_folder_is_found(
    tmp_path: Path, step: int, left: str
) -> None:
    """Killed before the old folder goes, between the renames, before the old one is removed."""
    place = filled(tmp_path / "release", "old")
    done = subprocess.run([sys.executable, "-c", _KILLED, str(place), str(step)], check=False)
    assert done.returncode == -signal.SIGKILL
    with pytest.raises(ValueError, match="stop"), replacing_folder(place):
        assert content(place) == left
        raise ValueError("stop")
    assert content(place) == left
    with replacing_folder(place) as new:
        filled(new, "newer")
    assert content(place) == "newer"
    assert names(tmp_path) == ["release"]


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    large = filled(tmp_path / "large" / "release", "old")
    place = tmp_path / "release"
    place.symlink_to(large)
    with replacing_folder(place) as new:
        filled(new, "new")
    assert place.is_symlink()
    assert content(large) == "new"
    assert names(tmp_path / "large") == ["release"]


def test_a_file_in_the_place_of_a_folder_is_one_line(tmp_path: Path) -> None:
    place = tmp_path / "release"
    place.write_text("mine", encoding="utf-8")
    with (
        pytest.raises(StorageError, match="release: a part of the path is a file"),
        replacing_folder(place),
    ):
        pytest.fail("the body must not run")
    assert place.read_text(encoding="utf-8") == "mine"


def test_a_copy_that_fails_is_one_line(tmp_path: Path) -> None:
    source = filled(tmp_path / "a", "x")
    (source / "gone").symlink_to(tmp_path / "nowhere")
    with (
        pytest.raises(StorageError, match="No such file or directory") as refused,
        explained(tmp_path / "b"),
    ):
        shutil.copytree(source, tmp_path / "b")
    assert "\n" not in str(refused.value)
