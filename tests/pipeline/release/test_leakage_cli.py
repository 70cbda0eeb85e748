"""``viconwsd leakage`` prints a verdict and a short table, and fails at a leak."""

from __future__ import annotations

import shutil
from pathlib import Path

from click.testing import CliRunner

from pipeline.cli.leakage import leakage


def test_a_sound_release_passes_and_a_leak_fails(release: Path, tmp_path: Path) -> None:
    sound = CliRunner().invoke(leakage, ["--release", str(release)], standalone_mode=False)
    assert sound.return_value == 0
    assert sound.stdout.startswith("nothing leaks: ")
    assert len(sound.stdout.splitlines()) == 13
    assert max(map(len, sound.stdout.splitlines())) < 120
    folder = tmp_path / "r"
    shutil.copytree(release, folder)
    for path in (folder / "data" / "examples").glob("train-*.parquet"):
        path.unlink()
    leaking = CliRunner().invoke(leakage, ["--release", str(folder)], standalone_mode=False)
    assert leaking.return_value == 1
    assert leaking.stdout.startswith("3 LEAKS: ")
    lacking = next(line for line in leaking.stdout.splitlines() if line.startswith("train "))
    assert "!" in lacking
    assert "LEAK: " in leaking.stdout
    assert leaking.stdout.endswith("do not publish this release\n")
