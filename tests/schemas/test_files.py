"""A file is whole or absent, and what cannot be read or written is one line with advice."""

import errno
import os
from pathlib import Path

import pytest
from pydantic import BaseModel

from schemas.errors import InputError, StorageError
from schemas.files import explained, read_json, replacing, storage_error, write_text


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
