"""What a file or a model put into a text reaches the terminal as text."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from audits.answers.importing import import_files
from audits.create import create_audit
from audits.reports.report import write_report
from audits.reports.terminal import show
from audits.settings import AuditSettings
from audits.text import one_line
from pipeline.cli.main import exit_code
from tests.audits.test_importing import spoil
from tests.audits.world import TEXTS, VI, all_good, candidates, filled, senses, table, write_csv

NOW = "2026-01-01T00:00:00+00:00"
HOSTILE = "\x1b]0;x\x07\x1b[31mđỏ[/x] [red]\u202eabc\r\n\x9b2J"


def test_one_line_has_no_control_characters_and_keeps_the_rest():
    assert one_line("hai  dòng\n[/x] \x1b[0m\u202e") == "hai dòng [/x] \ufffd[0m\ufffd"


def test_findings_quote_hostile_cells_without_their_escapes(audit, capsys):
    content = table(audit, "lan", all_good)
    content = spoil(spoil(content, 1, 1, HOSTILE), 2, 0, HOSTILE)
    content[0].append(HOSTILE)
    file = write_csv(audit / "\x1b[31mlan.csv", content)
    assert exit_code(["audit", "import", "--folder", str(audit), str(file)]) == 1
    printed = capsys.readouterr().out
    assert not any(mark in printed for mark in "\x1b\x07\x9b\u202e\r")
    assert len(printed.splitlines()) == 4
    assert "đỏ[/x] [red]" in printed


@pytest.mark.parametrize("hostile", ["[/x]", "[red]", HOSTILE, "[link=file:///etc]a[/link]"])
def test_a_report_of_hostile_names_is_printed_as_they_are(tmp_path, hostile):
    made = [
        replace(row, lemma=hostile, model=hostile, prompt_version=hostile) for row in candidates(2)
    ]
    create_audit(
        tmp_path, made, senses(), AuditSettings(size=16, annotators=("lan",), strata=("model",)), VI
    )
    bad = filled(tmp_path, "lan", lambda row: ("Không", "Nghĩa này", "Giải nghĩa đúng"))
    import_files(tmp_path, [bad], NOW, TEXTS)
    out = io.StringIO()
    show(write_report(tmp_path, VI), Console(file=out, width=200, force_terminal=False))
    printed = out.getvalue()
    assert printed.count(one_line(hostile)) >= 3
    assert "\x1b" not in printed
