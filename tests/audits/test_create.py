from __future__ import annotations

import pytest
from pydantic import ValidationError

from audits.create import create_audit
from audits.key import read_audit_items, read_key, read_sheets
from audits.settings import AuditSettings
from audits.sheets.rowkey import row_key
from schemas.errors import InputError, UsageError
from tests.audits.world import COLUMNS, VI, candidates, draw_audit, rows, senses, sheet


def test_the_key_holds_the_design_and_the_items(audit):
    key = read_key(audit)
    assert (key.sampled, key.population, key.seed) == (40, 80, 0)
    items = read_audit_items(audit)
    assert len(items) == 40
    by_stratum = {stratum.name: stratum for stratum in key.strata}
    for item in items.values():
        stratum = by_stratum[item.stratum]
        assert item.inclusion_probability == stratum.sampled / stratum.population
        assert item.model == "mô-hình-bí-mật"
        assert item.sentence[item.target_start : item.target_end] == item.lemma


def test_keys_are_digests_of_what_the_rows_show(audit):
    key = read_key(audit)
    for name in key.annotators:
        letter = sheet(audit, name).letter
        for row in rows(audit, name):
            assert row.row_key == row_key(key.audit_id, letter, row.number, row.cells)


def test_the_same_audit_can_be_drawn_again_and_keeps_workbooks_that_are_there(audit):
    workbook = audit / "workbooks" / "lan.xlsx"
    workbook.write_bytes(b"lan's work")
    (audit / "workbooks" / "minh.xlsx").unlink()
    draw_audit(audit, repeats=0.2)
    assert workbook.read_bytes() == b"lan's work"
    assert (audit / "workbooks" / "minh.xlsx").exists()


def test_a_draw_that_was_interrupted_is_completed_by_drawing_again(audit):
    before = {path.name: path.read_bytes() for path in (audit / "sheets").iterdir()}
    (audit / "sheets" / "minh.json").unlink()
    (audit / "sheets" / "minh.parquet").unlink()
    with pytest.raises(InputError, match="no sheet of minh"):
        read_sheets(audit)
    draw_audit(audit, repeats=0.2)
    assert {path.name: path.read_bytes() for path in (audit / "sheets").iterdir()} == before


def test_settings_that_draw_the_same_rows_are_the_same_audit(tmp_path):
    """All 80 rows: asked for as 80, as more than there are, or by the margin."""
    folder = draw_audit(tmp_path / "audit", size=80)
    draw_audit(folder, size=200, unsure="left_out")
    draw_audit(folder, size=None, margin=0.001, expected=0.9)
    assert read_key(folder).sampled == 80


def test_another_audit_is_not_drawn_over_one_that_is_there(audit):
    with pytest.raises(UsageError, match="another name"):
        draw_audit(audit, repeats=0.2, seed=1)


def test_a_blind_sheet_shows_all_senses_of_every_spelling_in_the_order_of_the_row(blind):
    items = read_audit_items(blind)
    orders = set()
    for row in rows(blind, "lan"):
        item = items[row.context_id]
        lines = row.cells[2].split("\n")
        assert len(lines) == len(item.choices) == row.n_choices
        assert item.gloss in lines[int(item.intended) - 1]
        if item.lemma == "khoan":
            assert len(lines) == 3
            orders.add(item.choices)
        if item.lemma == "hoà":
            assert {choice.partition("#")[2] for choice in item.choices} == {"hoà", "hòa"}
    assert len(orders) > 1


def test_a_blind_sheet_shows_the_same_order_to_all_annotators(blind):
    lan = {row.context_id: row.cells for row in rows(blind, "lan")}
    shared = [row for row in rows(blind, "minh") if row.context_id in lan]
    assert shared
    assert all(row.cells == lan[row.context_id] for row in shared)


def test_senses_beyond_ten_go_on_in_a_further_column(tmp_path):
    many = [*senses()]
    many += [
        many[0].__class__(f"viwn-9{n}#khoan", f"viwn-9{n}", "khoan", many[0].pos, None)
        for n in range(12)
    ]
    create_audit(tmp_path, candidates(), many, AuditSettings(mode="blind", size=40), VI)
    made = read_sheets(tmp_path)[0]
    assert [c for c in made.columns if c.startswith(COLUMNS.choices)] == [
        "Các nghĩa",
        "Các nghĩa (tiếp 1)",
    ]
    cells = next(row.cells for row in rows(tmp_path, "A") if row.n_choices == 15)
    assert cells[2].startswith("1. ")
    assert cells[3].startswith("11. ")
    assert "chưa có lời giải nghĩa; nhóm từ: khoan" in cells[2] + cells[3]


def test_a_blind_audit_needs_the_intended_sense(tmp_path):
    with pytest.raises(InputError, match="inventory"):
        create_audit(tmp_path, candidates(), senses()[1:], AuditSettings(mode="blind", size=80), VI)


def test_a_review_shows_the_synsets_other_lemmas(audit):
    place = sheet(audit, "lan").columns.index(COLUMNS.synonyms)
    shown = {row.cells[1]: row.cells[place] for row in rows(audit, "lan")}
    assert shown["đậu"] == "đậu, trúng tuyển, đỗ"
    assert shown["trâu"] == "trâu"


@pytest.mark.parametrize(
    "settings",
    [
        {"annotators": ("Lan", "lan")},
        {"annotators": ("../lan",)},
        {"annotators": ("adjudication-1",)},
        {"annotators": ()},
        {"size": 10, "margin": 0.1},
        {"name": "../audit"},
    ],
)
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(ValidationError):
        AuditSettings(**settings)
