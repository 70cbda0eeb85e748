"""A new stage is a value and a line in the catalogue: its section, codes and counts come along."""

import subprocess
import sys

import pandas as pd

from testing.outputs import only_output
from tests.conftest import TinyRun

PROGRAM = """
import sys
from pipeline import catalogue
from tests.pipeline.stages.long_lemmas import DEFINITION
catalogue.STAGES = (*catalogue.STAGES, DEFINITION)
from pipeline.cli.main import exit_code
config, *commands = sys.argv[1:]
sys.exit(max(exit_code([*line.split(), "-c", config]) for line in commands))
"""


def viconwsd(tiny: TinyRun, *commands: str) -> subprocess.CompletedProcess[str]:
    """Command lines with the stage in the catalogue, as if its line stood there."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tiny.config), *commands],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_new_stage_brings_its_section_counts_details_and_codes(tiny_run: TinyRun) -> None:
    with open(tiny_run.config, "a", encoding="utf-8") as file:
        file.write("\n[long_lemmas]\nletters = 5\n")
    table = tiny_run.folder / "rejects.csv"
    commands = ("run long_lemmas", "plan", "status", f"rejects long_lemmas --csv {table}")
    done = viconwsd(tiny_run, *commands)
    assert done.returncode == 0, done.stderr
    assert "2 long" in done.stderr
    assert "10 letters in all" in done.stderr
    assert "rejected    too_short 2" in done.stderr
    assert "long_lemmas up to date" in done.stdout
    assert "too_short 2" in done.stdout
    assert list(pd.read_csv(table)["text"]) == ["đá", "đá"]
    manifest = only_output(tiny_run.folder, "long_lemmas")
    assert manifest.settings == {"letters": 5}
    assert manifest.codes == {"too_short": "the lemma is too short"}


def test_a_fault_in_a_new_section_is_told_with_what_is_known_there(tiny_run: TinyRun) -> None:
    with open(tiny_run.config, "a", encoding="utf-8") as file:
        file.write("\n[long_lemmas]\nleters = 5\n")
    done = viconwsd(tiny_run, "plan")
    assert done.returncode == 2
    assert "unknown key [long_lemmas] leters; did you mean 'letters'?" in done.stderr
