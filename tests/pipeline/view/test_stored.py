"""Single rows are read from tables, and what is no row is damage that is named."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.panel.records import CastVote
from pipeline.view.reading.stored import rows_of_context
from schemas.arrow import arrow_schema
from schemas.errors import StorageError


def test_a_row_that_breaks_the_rules_is_named_with_its_field(tmp_path: Path) -> None:
    vote = {
        "context_id": "t-1#mèo@0123456789ab",
        "judge": "",
        "chosen_sense_id": None,
        "agrees": True,
        "candidates": ["t-1#mèo"],
        "position": 0,
        "unconditional": True,
    }
    rows = pa.Table.from_pylist([vote], arrow_schema(CastVote))
    pq.write_table(rows, tmp_path / "votes.parquet")
    with pytest.raises(StorageError, match=r"^votes\.parquet: a row is no CastVote \(judge: "):
        rows_of_context([tmp_path / "votes.parquet"], CastVote, "t-1#mèo@0123456789ab")
    assert rows_of_context([tmp_path / "votes.parquet"], CastVote, "t-1#mèo@000000000000") == []
