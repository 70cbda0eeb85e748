"""What was checked is what goes out: a copy that the folder's changes do not reach."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from pipeline.card.render import write_card
from pipeline.publish.destination import Destination, Repository
from pipeline.publish.files import copied, list_files
from pipeline.publish.hub import Hub
from pipeline.publish.model import is_part_of_a_model
from pipeline.publish.publish import publish_files
from pipeline.publish.task import model_task, release_task
from schemas.errors import InputError, StorageError
from testing.tiny_release import make_tiny_release
from tests.pipeline.publish.hub_server import HubServer
from tests.pipeline.publish.test_publish import contents, published

SECRET = "hf_" + "aB3" * 10


def test_bytes_changed_after_the_check_do_not_go_out(
    server: HubServer, hub: Hub, tmp_path: Path
) -> None:
    release = make_tiny_release(tmp_path / "release")
    write_card(release)
    checked = contents(release)
    with release_task(release, lambda _: None) as task:
        for path in ("README.md", "data/examples/train.parquet"):
            (release / path).write_text(f"the key is {SECRET}", encoding="utf-8")
        (release / "new.txt").write_text(SECRET, encoding="utf-8")
        home = Destination(Repository("dataset", "linh/nghia"))
        publish_files(task.files, home, hub, task.memory, message="R", say=lambda _: None)
    assert published(server) == checked
    for blob in server.store.objects.values():
        assert SECRET.encode() not in blob


def test_the_copy_is_gone_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.txt").write_text("x")
    with pytest.raises(ValueError, match="stop"), copied(tmp_path / "a") as copy:
        assert (copy / "x.txt").read_text() == "x"
        raise ValueError("stop")
    assert list((tmp_path / "t").iterdir()) == []


def test_errors_name_the_folder_and_not_the_copy(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(StorageError) as caught, copied(tmp_path / "a") as copy:
        raise StorageError(f"{copy / 'b'}: broken")
    assert str(caught.value) == f"{tmp_path / 'a' / 'b'}: broken"


def test_links_and_pipes_are_refused_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    with pytest.raises(InputError, match="pipe: not a plain file"), copied(folder):
        pass
    (folder / "pipe").unlink()
    (tmp_path / "elsewhere").mkdir()
    (folder / "folder").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="folder: a link is not published"), copied(folder):
        pass


@pytest.mark.parametrize("name", ["a\nb.txt", "x\x1b[31m.txt", os.fsdecode(b"\xff.txt")])
def test_a_name_that_is_no_text_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / name).write_text("x")
    with (
        pytest.raises(InputError, match=r"the file name .* is no text: rename it") as caught,
        copied(folder),
    ):
        pass
    assert str(caught.value).isprintable()


def test_a_full_disk_is_that_of_the_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.txt").write_text("x")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("shutil.copyfileobj", full)
    with (
        pytest.raises(StorageError, match=r"x\.txt: the disk is full") as caught,
        copied(tmp_path / "a"),
    ):
        pass
    assert str(tmp_path / "a") not in str(caught.value)


def test_hidden_files_and_folders_stay_at_home(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    for path in (".env", ".git/config", "b/.hidden", "b/c.txt"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("x")
    with copied(folder) as copy:
        assert [file.path for file in list_files(copy)] == ["b/c.txt"]


@pytest.mark.parametrize(
    "path",
    [
        *("config.json", "model.safetensors", "model-00001-of-00002.safetensors", "tokenizer.json"),
        *("gloss_vectors.npy", "gloss_tfidf.safetensors", "senses.parquet", "evaluation.json"),
    ],
)
def test_what_a_model_is_made_of(path: str) -> None:
    assert is_part_of_a_model(path)


@pytest.mark.parametrize(
    "path",
    [
        *("ledger.sqlite", "key.json", ".env", "model.PT", "weights.pkl.gz", "notes.txt"),
        *("train.log", "checkpoint-10/model.safetensors", "run.toml", "model.safetensors.bak"),
        *("optimizer.safetensors", "best.safetensors", "modeling.py", "MODEL.SAFETENSORS"),
    ],
)
def test_what_stays_at_home(path: str) -> None:
    assert not is_part_of_a_model(path)


def test_what_is_left_at_home_is_said_and_not_published(
    server: HubServer, hub: Hub, tmp_path: Path
) -> None:
    folder = tmp_path / os.fsdecode(b"m\xff")  # a name that is no UTF-8
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
    (folder / "ledger.sqlite").write_text(SECRET)
    (folder / "key.json").write_text(SECRET)
    said: list[str] = []
    with model_task(folder, said.append) as task:
        home = Destination(Repository("model", "linh/nho"))
        publish_files(task.files, home, hub, task.memory, message="M", say=said.append)
    assert server.store.files("model", "linh/nho").keys() == {
        ".gitattributes", "README.md", "config.json", "model.safetensors"
    }  # fmt: skip
    assert "not part of a model, left at home: key.json, ledger.sqlite" in said
