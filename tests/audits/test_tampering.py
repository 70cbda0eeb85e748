"""What happens to sheets costs no answer without a finding, and makes none wrong."""

from __future__ import annotations

from testing.tampering import KEPT, WEAK
from tests.audits.tamper import faults_of
from tests.audits.world import draw_audit


def test_tampering_makes_no_answer_wrong_and_loses_none_in_silence(tmp_path):
    """`python -m tests.audits.tamper` does the same to 1,500 sheets."""
    folder = draw_audit(tmp_path / "audit", repeats=0.2)
    n_sheets = 8 * len(KEPT | WEAK)
    assert faults_of(folder, range(n_sheets)) == {"sheets": n_sheets}
