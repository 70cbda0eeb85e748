"""Only a whole, unchanged, described release without secrets is let out."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.card.render import write_card
from pipeline.publish.files import list_files
from pipeline.publish.release import check_release
from pipeline.publish.scan import Leak, Needles, scan_files
from schemas.errors import InputError, StorageError
from testing.tiny_release import make_tiny_release

NONE = Needles(())


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = make_tiny_release(tmp_path / "release")
    write_card(folder)
    return folder


def test_a_fresh_release_passes_with_all_its_files(release: Path) -> None:
    files = check_release(release, Needles.of_this_machine(release))
    assert files == list_files(release)
    assert {"README.md", "croissant.json", "manifest.json"} < {file.path for file in files}


def test_a_changed_table_is_refused(release: Path) -> None:
    path = release / "data/examples/train.parquet"
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(StorageError, match=r"train\.parquet: changed since it was written"):
        check_release(release, NONE)


def test_a_missing_table_is_refused(release: Path) -> None:
    (release / "data/examples/train.parquet").unlink()
    with pytest.raises(StorageError, match=r"train\.parquet: missing"):
        check_release(release, NONE)


def test_a_stranger_in_the_folder_is_refused(release: Path) -> None:
    (release / "data/notes.txt").write_text("to do")
    with pytest.raises(InputError, match=r"notes\.txt: not part of the release"):
        check_release(release, NONE)


def test_a_card_written_by_hand_is_refused(release: Path) -> None:
    readme = release / "README.md"
    readme.write_text(readme.read_text(encoding="utf-8").replace("8 sentences", "9 sentences"))
    with pytest.raises(InputError, match=r"README\.md: not the card that manifest\.json gives"):
        check_release(release, NONE)
    write_card(release)
    check_release(release, NONE)


def test_a_missing_picture_is_refused(release: Path) -> None:
    (release / "plots/senses_per_lemma.png").unlink()
    with pytest.raises(InputError, match="not the card's pictures"):
        check_release(release, NONE)


@pytest.mark.parametrize("table", ["example_provenance", "gloss_provenance"])
def test_a_release_whose_rows_cannot_be_traced_is_refused(release: Path, table: str) -> None:
    from pipeline.release.manifest import ReleaseManifest

    manifest = ReleaseManifest.read(release)
    kept = tuple(file for file in manifest.tables if file.table != table)
    manifest.model_copy(update={"tables": kept}).write(release)
    with pytest.raises(StorageError, match=f"the table {table} is missing"):
        check_release(release, NONE)


def test_a_row_whose_request_is_another_rows_is_refused(tmp_path: Path) -> None:
    from pipeline.release.manifest import ReleaseManifest
    from pipeline.release.records import ExampleProvenance
    from schemas.tables import read_table, write_table

    release = make_tiny_release(tmp_path / "release")
    path = release / "provenance/examples-00000.parquet"
    first, second, *others = read_table(path, ExampleProvenance)
    write_table(path, ExampleProvenance, [second, second, *others])
    (file,) = list_files(path.parent)[:1]
    manifest = ReleaseManifest.read(release)
    update = {"bytes": file.size, "sha256": file.sha256}
    tables = tuple(
        table.model_copy(update=update) if table.table == "example_provenance" else table
        for table in manifest.tables
    )
    manifest.model_copy(update={"tables": tables}).write(release)
    write_card(release)
    assert first != second
    with pytest.raises(StorageError, match="the rows of examples are not those of example_prov"):
        check_release(release, NONE)


def leaks(folder: Path, needles: Needles = NONE) -> list[Leak]:
    return list(scan_files(list_files(folder), needles))


@pytest.mark.parametrize(
    "text",
    [
        "hf_" + "aB3" * 10,
        "sk-proj-" + "aB3_" * 8,
        "AIza" + "Sy0-" * 9,
        "ghp_" + "0aB" * 12,
        "gsk_" + "aB3d" * 13,
        "https://linh:m4t.kh4u@llm.example.org/v1",
        "AKIA" + "ABCDEFGH01234567",
        "Authorization: Bearer " + "abc." * 10,
        "-----BEGIN RSA PRIVATE KEY-----",
        "model /home/linh/models/qwen.gguf",
        r"C:\Users\Linh\run",
        "file:///srv/run",
    ],
)
def test_keys_and_paths_are_found_by_their_looks(tmp_path: Path, text: str) -> None:
    (tmp_path / "README.md").write_text(f"made with {text} on a day")
    assert [leak.path for leak in leaks(tmp_path)] == ["README.md"]


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/home/linh/",
        "Tôi về nhà /nhà tôi/",
        "hf_hub",
        "sk-learn",
        "một câu, hai câu; 1/2 và 3/4",
    ],
)
def test_ordinary_text_is_not_taken_for_a_leak(tmp_path: Path, text: str) -> None:
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    assert leaks(tmp_path) == []


def test_secrets_of_the_environment_are_found_in_compressed_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_API_KEY", "nước mắm 42")
    table = pa.table(
        {
            "sentence": ["Một câu.", None, "Hai câu."],
            "tags": [["a"], [], ["x nước mắm 42 y"]],
            "made_by": [{"model": "m"}, {"model": str(tmp_path / "qwen.gguf")}, None],
        }
    )
    pq.write_table(table, tmp_path / "rows.parquet", compression="zstd")
    found = leaks(tmp_path, Needles.of_this_machine(tmp_path))
    assert found == [
        Leak("rows.parquet", " (column tags)", "the value of MY_API_KEY"),
        Leak("rows.parquet", " (column made_by.model)", "a path of this machine"),
    ]


@pytest.mark.parametrize("name", ["GROQ_KEY", "DB_PASSWD", "my_key"])
def test_the_value_of_any_variable_that_is_called_a_key_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "0123456789")
    (tmp_path / "README.md").write_text("made with 0123456789 on a day")
    (leak,) = leaks(tmp_path, Needles.of_this_machine())
    assert leak.what == f"the value of {name}"


SECRET = "hf_" + "aB3" * 10


@pytest.mark.parametrize(
    ("column", "where"),
    [
        (pa.array([SECRET]).dictionary_encode(), " (column c)"),
        (pa.array([SECRET.encode()]), " (column c)"),
        (pa.array([SECRET], pa.large_string()), " (column c)"),
        (pa.array([[("k", SECRET)]], pa.map_(pa.string(), pa.string())), " (column c.value)"),
        (pa.array([[{"a": [SECRET]}]]), " (column c.a)"),
        (pa.array([[SECRET]], pa.list_(pa.string(), 1)), " (column c)"),
    ],
)
def test_whatever_the_type_of_a_column_its_texts_are_scanned(
    tmp_path: Path, column: pa.Array, where: str
) -> None:
    pq.write_table(pa.table({"c": column, "n": [1], "d": [None]}), tmp_path / "rows.parquet")
    found = leaks(tmp_path)
    assert [(leak.where, leak.what) for leak in found] == [
        (where, "something that looks like a secret key")
    ]
    assert SECRET not in str(found)


def test_names_of_columns_are_scanned(tmp_path: Path) -> None:
    pq.write_table(pa.table({SECRET: [1]}), tmp_path / "rows.parquet")
    assert [leak.where for leak in leaks(tmp_path)] == [" (metadata)"]


@pytest.mark.parametrize("content", [b"", b"PAR1junk", b"PAR1" * 100])
def test_a_damaged_table_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rows.parquet").write_bytes(content)
    with pytest.raises(StorageError, match=r"rows\.parquet: not a readable Parquet table"):
        leaks(tmp_path)


def test_metadata_of_tables_is_scanned(tmp_path: Path) -> None:
    schema = pa.schema([("n", pa.int32())], metadata={"written by": str(tmp_path)})
    pq.write_table(pa.table({"n": [1]}, schema=schema), tmp_path / "rows.parquet")
    assert [leak.where for leak in leaks(tmp_path, Needles.of_this_machine(tmp_path))] == [
        " (metadata)"
    ]


def test_a_leak_stops_publishing_and_is_not_repeated(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO_TOKEN", "ban-ghi-thu")  # the model's name in the tiny release
    with pytest.raises(InputError, match="holds the value of DEMO_TOKEN: nothing was up") as caught:
        check_release(release, Needles.of_this_machine(release))
    assert "ban-ghi-thu" not in str(caught.value)


def test_a_leak_across_two_windows_of_a_large_file_is_found(tmp_path: Path) -> None:
    secret = b"hf_" + b"aB3" * 10
    (tmp_path / "big.txt").write_bytes(b"." * ((1 << 22) - 10) + secret + b".")
    assert [leak.path for leak in leaks(tmp_path)] == ["big.txt"]
