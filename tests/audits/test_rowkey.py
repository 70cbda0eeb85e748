import re

from hypothesis import given
from hypothesis import strategies as st

from audits.sheets.rowkey import audit_tag, parse_row_key, row_key, sheet_letter

CELLS = ("Anh thợ khoan tường.", "khoan")


def test_a_key_says_audit_sheet_and_row():
    key = row_key("audit-1", "B", 12, CELLS)
    assert re.fullmatch(r"[2-9A-Z]{4}-B-0012-[0-9a-f]{8}", key)
    parts = parse_row_key(key)
    assert parts is not None
    assert (parts.tag, parts.letter, parts.number) == (audit_tag("audit-1"), "B", 12)


def test_a_key_changes_with_audit_sheet_row_and_every_cell():
    keys = {
        row_key("audit-1", "A", 1, CELLS),
        row_key("audit-2", "A", 1, CELLS),
        row_key("audit-1", "B", 1, CELLS),
        row_key("audit-1", "A", 2, CELLS),
        row_key("audit-1", "A", 1, (CELLS[0], "khoán")),
        row_key("audit-1", "A", 1, (CELLS[0] + CELLS[1], "")),
    }
    assert len({key.rpartition("-")[2] for key in keys}) == 6


@given(st.text(max_size=30))
def test_a_text_that_is_no_key_is_none(text):
    if not re.fullmatch(r"[0-9A-Z]{4}-[A-Z]+\d*-\d{4,}-[0-9a-f]{8}", text):
        assert parse_row_key(text) is None


def test_sheets_have_letters_like_columns():
    assert [sheet_letter(place) for place in (0, 1, 25, 26, 27, 52)] == [
        "A",
        "B",
        "Z",
        "AA",
        "AB",
        "BA",
    ]
