from __future__ import annotations

import subprocess
import sys
import time

from audits.answers.importing import import_files
from audits.key import read_key
from audits.reports.report import write_report
from tests.audits.world import TEXTS, VI, all_good, draw_audit, filled

N_ROWS = 3000
NOW = "2026-01-01T00:00:00+00:00"


def test_three_thousand_rows_are_drawn_imported_and_reported_in_seconds(tmp_path):
    """Seconds of CPU, as the machine may be busy; the bench does 50,000 rows."""
    began = time.process_time()
    folder = draw_audit(
        tmp_path, per_sense=N_ROWS // 8, size=N_ROWS, annotators=("lan",), repeats=0.0
    )
    assert read_key(folder).sampled == N_ROWS
    [result] = import_files(folder, [filled(folder, "lan", all_good)], NOW, TEXTS)
    assert (result.complete, result.findings) == (N_ROWS, ())
    assert write_report(folder, VI).outcomes.good == N_ROWS
    assert time.process_time() - began < 20


def test_memory_grows_little_with_the_rows(tmp_path):
    """A process that draws 4,000 rows peaks at most 60 MB above one that draws 40."""

    def peak(rows: int) -> int:
        code = (
            "import resource, sys; from pathlib import Path; "
            "from testing.made_up_audit import sample; "
            f"sample(Path({str(tmp_path / str(rows))!r}), {rows}, 'review'); "
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        return int(out.stdout)

    assert peak(4000) - peak(40) < 60 * 1024
