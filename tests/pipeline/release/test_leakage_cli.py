"""``viconwsd leakage`` prints a verdict and a short table, and fails at a leak."""

from __future__ import annotations

import shutil
from pathlib import Path

from click.testing import CliRunner

from pipeline.cli.leakage import leakage
from pipeline.release.manifest import ReleaseManifest
from schemas.records import Example
from schemas.tables import read_table


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


def test_texts_near_to_a_reference_are_listed(release: Path, tmp_path: Path) -> None:
    path = tmp_path / "reference.txt"
    path.write_text("một hai ba\nnghĩa của m-1 m-2 m-3 m-4\n", encoding="utf-8")
    arguments = ["--release", str(release), "--reference", str(path)]
    done = CliRunner().invoke(leakage, arguments, standalone_mode=False)
    assert done.return_value == 0
    assert f"0 of 39 definitions share a run of words with {path}" in done.stdout
    manifest = ReleaseManifest.read(release)
    (row, *_) = read_table(release / manifest.files_of("examples")[0].path, Example)
    path.write_text(row.sentence.upper() + "\n", encoding="utf-8")
    done = CliRunner().invoke(leakage, arguments, standalone_mode=False)
    assert f"    {row.context_id}: {row.sentence!r} has " in done.stdout
