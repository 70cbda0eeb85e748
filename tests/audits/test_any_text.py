"""Whatever a text holds, it is shown as text, and an untouched sheet comes back as it was."""

from __future__ import annotations

import zipfile
from dataclasses import replace

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from audits.adjudication import write_adjudication
from audits.answers.importing import import_files
from audits.create import create_audit
from audits.key import read_audit_items
from audits.settings import AuditSettings
from tests.audits.world import TEXTS, VI, candidates, filled, rows, senses, sheet

NOW = "2026-01-01T00:00:00+00:00"
FEW = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

ODD = st.sampled_from(
    [
        *(
            "=1+1",
            "+84",
            "-1",
            "@a",
            "'=1",
            "\t=1",
            "\r\n",
            "\x1b[31m",
            "[/x]",
            "_x0041_",
            "_x005F_",
        ),
        *("_", "x0041_", "<b>&amp;", "]]>", "\u202e", "\ufeff", "\ufffe", "\x00", "\u0301", "😀"),
        *('"', "TRUE", "1e5", "007", "3/4", "{=A1}", "http://a.b", "mailto:a@b.c", " ", "\u00a0"),
    ]
)
CHARACTERS = st.characters(exclude_categories=["Cs"])
TEXT = st.lists(ODD | st.text(CHARACTERS, max_size=8), min_size=1, max_size=6).map("".join)
WORDS = TEXT.filter(bool)


@st.composite
def sentences(draw):
    before, target, after = draw(TEXT), draw(WORDS), draw(TEXT)
    return before + target + after, len(before), len(before) + len(target)


def drawn(folder, contexts):
    """An audit of contexts with these sentences, lemmas and glosses."""
    made = [
        replace(
            row, sentence=sentence, target_start=start, target_end=end, lemma=lemma, gloss=gloss
        )
        for row, ((sentence, start, end), lemma, gloss) in zip(
            candidates(1), contexts, strict=False
        )
    ]
    chosen = AuditSettings(size=len(made), annotators=("lan", "minh"), overlap=1, strata=())
    create_audit(folder, made, senses(), chosen, VI)
    return folder


def formulas(path):
    book = load_workbook(path)
    cells = [cell for page in book for line in page.iter_rows() for cell in line]
    return [cell.coordinate for cell in cells if cell.data_type == "f"]


@FEW
@given(st.lists(st.tuples(sentences(), WORDS, WORDS), min_size=8, max_size=8))
@example([((f"a {odd} b", 2, 2 + len(odd)), odd, odd) for odd in ("_x0041_", "=1+1", "\x1b[0m")])
@example([(("một _x0041_ khoan _x005F_x0041_", 12, 17), "khoan", "_x0041_")])
def test_an_untouched_sheet_of_any_text_has_no_finding_and_no_formula(tmp_path_factory, contexts):
    folder = drawn(tmp_path_factory.mktemp("any"), contexts)
    path = folder / "workbooks" / "lan.xlsx"
    [result] = import_files(folder, [path], NOW, TEXTS)
    assert result.findings == ()
    assert result.rows == result.blank == len(contexts)
    assert formulas(path) == ["A1"]
    with zipfile.ZipFile(path) as archive:
        assert b"<hyperlink" not in archive.read("xl/worksheets/sheet2.xml")


@FEW
@given(st.lists(WORDS, min_size=8, max_size=8))
def test_remarks_of_any_text_come_to_whoever_adjudicates(tmp_path_factory, remarks):
    folder = drawn(
        tmp_path_factory.mktemp("remarks"), [(("khoan đã", 0, 5), "khoan", "hãy chờ")] * 8
    )
    said = {row.context_id: remarks[row.number - 1] for row in rows(folder, "lan")}
    import_files(
        folder,
        [
            filled(
                folder,
                "lan",
                lambda row: ("Có", "Nghĩa này", "Giải nghĩa đúng", said[row.context_id]),
            ),
            filled(folder, "minh", lambda row: ("Không", "Nghĩa này", "Giải nghĩa đúng")),
        ],
        NOW,
        TEXTS,
    )
    path, n_rows = write_adjudication(folder, VI)
    assert n_rows == len(read_audit_items(folder))
    [result] = import_files(folder, [path], NOW, TEXTS)
    assert (result.findings, result.rows) == ((), n_rows)
    assert formulas(path) == ["A1"]


def test_remarks_longer_than_a_cell_are_cut_for_whoever_adjudicates(audit):
    long = "rất dài " * 3_000
    import_files(
        audit,
        [
            filled(audit, "lan", lambda row: ("Có", "Nghĩa này", "Giải nghĩa đúng", long)),
            filled(audit, "minh", lambda row: ("Không", "Nghĩa này", "Giải nghĩa đúng", long)),
        ],
        NOW,
        TEXTS,
    )
    path, _ = write_adjudication(audit, VI)
    assert sheet(audit, "adjudication-1").columns[-1] == TEXTS.columns.opinions
    assert {len(row.cells[-1]) for row in rows(audit, "adjudication-1")} == {32_000}
    assert import_files(audit, [path], NOW, TEXTS)[0].findings == ()


def test_a_sentence_as_long_as_a_cell_is_shown_whole(tmp_path):
    long = "khoan " + "á " * 15_890 + "đã."
    folder = drawn(tmp_path, [((long, 0, 5), "khoan", "hãy chờ")])
    page = load_workbook(folder / "workbooks" / "lan.xlsx")[TEXTS.rows_sheet]
    assert page["B3"].value == long
