"""The demo's data set in batches: the same release, byte by byte."""

from pathlib import Path

from testing.demo_replies import run_demo


def release_bytes(folder: Path) -> dict[str, bytes]:
    """All files of the release."""
    release = folder / "release"
    paths = sorted(path for path in release.rglob("*") if path.is_file())
    return {str(path.relative_to(release)): path.read_bytes() for path in paths}


def test_the_release_is_that_of_an_online_run(tmp_path: Path) -> None:
    run_demo(tmp_path / "online", "online")
    server = run_demo(tmp_path / "batch", "batch")
    assert release_bytes(tmp_path / "batch") == release_bytes(tmp_path / "online")
    assert len(server.batches) >= 6
    assert not server.doubled
    assert max(server.submitted.values()) == 1
    assert not list((tmp_path / "batch" / "batches").iterdir())
