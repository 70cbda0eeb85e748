"""Tables give back what was put in, appear whole or not at all, and hash by content."""

import hashlib
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.arrow import arrow_schema
from schemas.errors import StorageError
from schemas.records import Context, Gloss, Pos, Provenance, Reject, SourceText, Synset
from schemas.tables import (
    BATCH_ROWS,
    TableWriter,
    content_hash,
    count_rows,
    read_batches,
    read_table,
    row_bytes,
    write_table,
)

MADE_BY = Provenance(
    request_key="k", prompt_id="contexts", prompt_version="1", model="m", sample=0, round=1
)


def synset(number: int) -> Synset:
    return Synset(
        synset_id=f"demo-{number}",
        pos=Pos.NOUN,
        supersense="noun.artifact",
        lemmas=("cái khoan", "máy khoan"),
        source_gloss=None if number % 2 else SourceText(text="a drill", language="en"),
        source_examples=SourceText.each(["khoan tường"] * (number % 3), "vi"),
    )


def test_a_table_gives_back_its_records(tmp_path: Path) -> None:
    rows = [synset(number) for number in range(BATCH_ROWS + 3)]
    write_table(tmp_path / "synsets.parquet", Synset, rows)
    assert list(read_table(tmp_path / "synsets.parquet", Synset)) == rows
    assert count_rows(tmp_path / "synsets.parquet", Synset) == len(rows)


def test_an_empty_table_is_a_table(tmp_path: Path) -> None:
    write_table(tmp_path / "rejects.parquet", Reject, [])
    assert list(read_table(tmp_path / "rejects.parquet", Reject)) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.tuples(st.text(max_size=20), st.text(min_size=1)), max_size=5))
def test_any_text_survives(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    records = [
        Reject(stage="contexts", item_id=i, code="c", detail=d, text=d, provenance=MADE_BY)
        for i, d in rows
    ]
    write_table(tmp_path / "r.parquet", Reject, records)
    assert list(read_table(tmp_path / "r.parquet", Reject)) == records


def test_the_content_hash_is_that_of_the_rows(tmp_path: Path) -> None:
    rows = [synset(number) for number in range(100)]
    first = write_table(tmp_path / "a.parquet", Synset, rows)
    table = pq.read_table(tmp_path / "a.parquet")
    pq.write_table(table, tmp_path / "b.parquet", compression="gzip", row_group_size=7)
    assert content_hash(tmp_path / "a.parquet", Synset) == first
    assert content_hash(tmp_path / "b.parquet", Synset) == first
    assert write_table(tmp_path / "c.parquet", Synset, rows[::-1]) != first


def test_a_failed_write_leaves_the_old_table(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_table(path, Synset, [synset(1)])
    with pytest.raises(RuntimeError), TableWriter(path, Synset) as writer:
        writer.append(synset(2))
        raise RuntimeError("killed")
    assert list(read_table(path, Synset)) == [synset(1)]
    assert [file.name for file in tmp_path.iterdir()] == ["a.parquet"]


@pytest.mark.parametrize("content", [b"", b"PAR1 cut off", b"not parquet at all" * 100])
def test_a_corrupted_table_is_one_clear_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"a\.parquet: not a readable Parquet table") as error:
        list(read_table(path, Synset))
    assert "\n" not in str(error.value)


def test_a_page_that_is_not_what_was_written_is_damage(tmp_path: Path) -> None:
    """A changed letter in text that is stored as it is would be read as another letter."""
    path = tmp_path / "a.parquet"
    synsets = [synset(number) for number in range(2_000)]
    write_table(path, Synset, synsets)
    sound, refused = path.read_bytes(), 0
    for place in range(200, 4_000, 97):
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
        try:
            found = list(read_table(path, Synset))
        except StorageError:
            refused += 1
        else:
            assert found == synsets
    assert refused >= 38  # a page's header has no checksum
    with pytest.raises(StorageError, match=r"a\.parquet: not a readable Parquet table \(could"):
        list(read_table(path, Synset))


def test_a_table_of_another_record_is_refused(tmp_path: Path) -> None:
    write_table(tmp_path / "a.parquet", Reject, [])
    with pytest.raises(StorageError, match="its columns are not those of Synset"):
        list(read_table(tmp_path / "a.parquet", Synset))


def test_a_missing_table_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no such file"):
        list(read_table(tmp_path / "none.parquet", Synset))


def test_columns_are_nullable_exactly_where_none_is_allowed() -> None:
    schema = arrow_schema(Synset)
    assert [field.name for field in schema if field.nullable] == ["ili", "source_gloss"]
    assert arrow_schema(Reject).field("provenance").nullable


def test_a_span_outside_its_sentence_is_refused() -> None:
    row = {"context_id": "c", "sense_id": "s", "sentence": "Nó đá bóng.", "provenance": MADE_BY}
    assert Context(**row, target_start=3, target_end=5).target == "đá"
    for start, end in [(3, 3), (5, 3), (3, 12)]:
        with pytest.raises(ValidationError, match="is not inside a sentence"):
            Context(**row, target_start=start, target_end=end)


def test_a_table_of_a_version_in_which_a_column_had_to_be_filled_is_read(tmp_path: Path) -> None:
    row = synset(1).model_copy(update={"ili": "i1"})
    path = tmp_path / "synsets.parquet"
    write_table(path, Synset, [row])
    table = pq.read_table(path)
    filled = table.schema.field("ili").with_nullable(False)
    old = table.schema.set(table.schema.get_field_index("ili"), filled)
    pq.write_table(table.cast(old), path)
    assert list(read_table(path, Synset)) == [row]


def test_a_table_of_a_version_that_lacked_a_column_with_a_default_is_read(tmp_path: Path) -> None:
    rows = [Gloss(synset_id=f"v-{n}", gloss="nghĩa", provenance=MADE_BY) for n in range(3)]
    path = tmp_path / "glosses.parquet"
    write_table(path, Gloss, rows)
    pq.write_table(pq.read_table(path).drop_columns(["cluster"]), path)
    hashed = content_hash(path, Gloss)
    assert list(read_table(path, Gloss)) == rows
    (batch,) = read_batches(path, Gloss, ["cluster", "synset_id"])
    assert batch.to_pylist()[0] == {"cluster": None, "synset_id": "v-0"}
    digest = hashlib.sha256()
    for row in rows:
        digest.update(row_bytes(row.model_dump(mode="json", exclude={"cluster"})))
    assert hashed == digest.hexdigest()  # of the rows as they were written


def test_a_table_without_a_column_that_has_no_default_is_another_versions(tmp_path: Path) -> None:
    path = tmp_path / "glosses.parquet"
    write_table(path, Gloss, [Gloss(synset_id="v-1", gloss="nghĩa", provenance=None)])
    pq.write_table(pq.read_table(path).drop_columns(["provenance"]), path)
    with pytest.raises(StorageError, match="its columns are not those of Gloss"):
        list(read_table(path, Gloss))


def test_a_table_that_lacks_values_it_must_have_is_another_versions(tmp_path: Path) -> None:
    path = tmp_path / "synsets.parquet"
    write_table(path, Synset, [synset(1)])
    table = pq.read_table(path)
    open_field = table.schema.field("synset_id").with_nullable(True)
    pq.write_table(table.cast(table.schema.set(0, open_field)), path)
    with pytest.raises(StorageError, match="its columns are not those of Synset"):
        list(read_table(path, Synset))


def test_a_row_that_breaks_the_records_rules_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "synsets.parquet"
    write_table(path, Synset, [synset(1)])
    table = pq.read_table(path)
    broken = table.set_column(0, table.schema.field(0), [[""]])
    pq.write_table(broken, path)
    with pytest.raises(StorageError, match=r"a row is no Synset \(synset_id: String should have"):
        list(read_table(path, Synset))


def test_a_pipe_in_the_place_of_a_table_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "t.parquet")
    with pytest.raises(StorageError, match=r"t\.parquet: not a file"):
        count_rows(tmp_path / "t.parquet", Synset)


def test_a_text_that_is_no_utf8_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "rejects.parquet"
    write_table(
        path, Reject, [Reject(stage="glosses", item_id="a", code="length", detail="d", text="t")]
    )
    table = pq.read_table(path)
    column = table.schema.get_field_index("detail")
    broken = pa.array([b"\xc3"]).view(pa.string())
    pq.write_table(table.set_column(column, table.schema.field(column), broken), path)
    with pytest.raises(StorageError, match="not a readable Parquet table"):
        list(read_table(path, Reject))
    with pytest.raises(StorageError, match="not a readable Parquet table"):
        content_hash(path, Reject)
