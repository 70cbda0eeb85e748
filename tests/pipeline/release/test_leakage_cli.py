"""``viconwsd leakage`` prints every overlap and fails at a leak."""

from __future__ import annotations

import shutil
from pathlib import Path

from click.testing import CliRunner

from pipeline.cli.leakage import leakage


def test_a_sound_release_passes_and_a_leak_fails(release: Path, tmp_path: Path) -> None:
    sound = CliRunner().invoke(leakage, ["--release", str(release)], standalone_mode=False)
    assert sound.return_value == 0
    assert "LEAK" not in sound.stdout
    assert len(sound.stdout.splitlines()) == 53
    folder = tmp_path / "r"
    shutil.copytree(release, folder)
    for path in (folder / "data" / "examples").glob("train-*.parquet"):
        path.unlink()
    leaking = CliRunner().invoke(leakage, ["--release", str(folder)], standalone_mode=False)
    assert leaking.return_value == 1
    assert "LEAK" in leaking.stdout
