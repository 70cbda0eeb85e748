"""A source takes no more than a WordNet can, reads only files, and stays in its folder."""

import bz2
import gzip
import io
import lzma
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.sources import archives
from pipeline.sources.csv_folder import read_csv_source
from pipeline.sources.files import csv_files
from pipeline.sources.lmf import read_lmf_source
from pipeline.sources.omw import read_omw_source
from pipeline.sources.settings import SourceSettings
from schemas.errors import InputError
from tests.pipeline.stages.bound import bound_stages

VI = find_language("vi")
MEGABYTE = 1 << 20
TOO_MUCH = r"more than 1 MB once it is unpacked, which no WordNet has"


@pytest.fixture
def one_megabyte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", MEGABYTE)


def archive_of(path: Path, members: dict[str, bytes], **options: object) -> Path:
    with tarfile.open(path, f"w:{path.suffix[1:]}", **options) as tar:  # type: ignore[call-overload]
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


@pytest.mark.usefixtures("one_megabyte")
@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress, bz2.compress])
def test_xml_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "bomb.xml.packed"
    path.write_bytes(compress(b"<a>" + bytes(3 * MEGABYTE)))
    assert path.stat().st_size < MEGABYTE / 10
    with pytest.raises(InputError, match=rf"bomb\.xml\.packed: {TOO_MUCH}"):
        read_lmf_source(path, VI)


@pytest.mark.usefixtures("one_megabyte")
@pytest.mark.parametrize("name", ["adj.csv", "readme.txt"])
def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path, name: str) -> None:
    path = archive_of(tmp_path / "bomb.xz", {name: bytes(3 * MEGABYTE), "adv.csv": b"1,a\n"})
    with pytest.raises(InputError, match=rf"bomb\.xz: {TOO_MUCH}"):
        read_csv_source(path, VI)


@pytest.mark.usefixtures("one_megabyte")
def test_an_archive_whose_header_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    headers = {"comment": "x" * (3 * MEGABYTE)}
    path = archive_of(tmp_path / "bomb.xz", {"adj.csv": b"1,to\n"}, pax_headers=headers)
    with pytest.raises(InputError, match=TOO_MUCH):
        read_csv_source(path, VI)


@pytest.mark.usefixtures("one_megabyte")
def test_an_archive_in_an_archive_is_counted_too(tmp_path: Path) -> None:
    inner = gzip.compress(bytes(3 * MEGABYTE))
    path = archive_of(tmp_path / "outer.gz", {"wn.xml.gz": inner})
    with pytest.raises(InputError, match=TOO_MUCH):
        read_lmf_source(path, VI)


@pytest.mark.usefixtures("one_megabyte")
def test_files_that_are_too_large_alone_or_together_are_refused(tmp_path: Path) -> None:
    for name in ("adj.csv", "adv.csv"):
        with open(tmp_path / name, "wb") as file:
            file.truncate(MEGABYTE * 3 // 4)
    with pytest.raises(InputError, match=TOO_MUCH):
        list(csv_files(tmp_path))
    with open(tmp_path / "wn.tab", "wb") as file:
        file.truncate(2 * MEGABYTE)
    with pytest.raises(InputError, match=rf"wn\.tab: {TOO_MUCH}"):
        read_omw_source(tmp_path / "wn.tab", None, VI)
    source = SourceSettings(kind="omw", path=tmp_path / "wn.tab")
    with pytest.raises(InputError, match=rf"wn\.tab: {TOO_MUCH}"):
        bound_stages(tmp_path, source=source)["synsets"].settings()


@pytest.mark.parametrize("kind", ["csv", "lmf", "omw", "princeton"])
@pytest.mark.parametrize("what", ["fifo", "/dev/zero"])
def test_a_pipe_or_a_device_is_no_source(tmp_path: Path, kind: str, what: str) -> None:
    """Each of them would be read for ever; the fingerprint reads before any reader does."""
    path = Path(what)
    if what == "fifo":
        path = tmp_path / "noun.act.csv"
        os.mkfifo(path)
    source = SourceSettings.model_validate({"kind": kind, "path": path})
    stage = bound_stages(tmp_path, source=source)["synsets"]
    with pytest.raises(InputError, match=rf"{path}: neither a file nor a folder"):
        stage.settings()


def test_a_pipe_in_a_folder_is_no_source(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "noun.act.csv")
    with pytest.raises(InputError, match=r"noun\.act\.csv: neither a file nor a folder"):
        read_csv_source(tmp_path, VI)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("1,a\n", encoding="utf-8")
    folder = tmp_path / "wordnet"
    folder.mkdir()
    (folder / "adj.csv").symlink_to(tmp_path / "secret")
    with pytest.raises(InputError, match=r"wordnet/adj\.csv: a link out of the folder"):
        read_csv_source(folder, VI)


def test_links_to_the_folder_and_within_it_are_followed(tmp_path: Path) -> None:
    folder = tmp_path / "real"
    folder.mkdir()
    (folder / "words").write_text("1,to\n", encoding="utf-8")
    (folder / "adj.csv").symlink_to("words")
    (tmp_path / "link").symlink_to(folder)
    (synset,) = read_csv_source(tmp_path / "link", VI).synsets
    assert synset.lemmas == ("to",)


def test_links_in_an_archive_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "wn.tar"
    with tarfile.open(path, "w") as tar:
        link = tarfile.TarInfo("adj.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(InputError, match=r"wn\.tar: holds no \.csv file"):
        read_csv_source(path, VI)


def test_an_archive_writes_nothing_outside_of_its_folder(tmp_path: Path, lmf_text: str) -> None:
    outside = tmp_path / "outside.xml"
    path = archive_of(tmp_path / "wn.gz", {f"../../../../../../..{outside}": lmf_text.encode()})
    assert read_lmf_source(path, VI).synsets
    assert not outside.exists()


def test_entities_that_multiply_are_refused(tmp_path: Path) -> None:
    layers = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "lol">' for n in range(9)
    )
    path = tmp_path / "laughs.xml"
    path.write_text(f"<!DOCTYPE LexicalResource [{layers}]>\n<a>&l8;</a>\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"laughs\.xml"):
        read_lmf_source(path, VI)
