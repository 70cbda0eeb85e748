"""The commands: what they print where, their exit codes, and that the token is nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.card.render import write_card
from pipeline.publish.files import list_files
from tests.pipeline.card.tiny_release import make_tiny_release
from tests.pipeline.publish.conftest import TOKEN
from tests.pipeline.publish.hub_server import Fault, HubServer


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = make_tiny_release(tmp_path / "release")
    write_card(folder)
    return folder


def viconwsd(
    tmp_path: Path, endpoint: str, *arguments: str, token: str = TOKEN
) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(tmp_path / "hf-home"),
        "HF_TOKEN": token,
        "COLUMNS": "300",
    }
    return subprocess.run(
        [sys.executable, "-c", "from pipeline.cli import main; main()", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_dry_run_publish_and_publish_again(
    server: HubServer, release: Path, tmp_path: Path
) -> None:
    given = ("publish", "--release", str(release), "--repo", "linh/nghia")
    before = {file.path: file.sha256 for file in list_files(release)}

    dry = viconwsd(tmp_path, server.endpoint, *given, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    lines = [line.split(maxsplit=3) for line in dry.stdout.splitlines()]
    assert {path: sha256 for _, _, sha256, path in lines} == before
    assert {action for action, *_ in lines} == {"add"}
    assert "data set linh/nghia would be created, private" in dry.stderr
    assert server.store.repositories == {}
    assert {file.path: file.sha256 for file in list_files(release)} == before

    done = viconwsd(tmp_path, server.endpoint, *given, "--tag", "v0.1.0")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{server.endpoint}/datasets/linh/nghia/commit/")
    assert (tmp_path / "publish/dataset--linh--nghia.json").is_file()

    again = viconwsd(tmp_path, server.endpoint, *given)
    assert again.returncode == 0, again.stderr
    assert "nothing to upload: the repository holds these very files" in again.stderr
    assert again.stdout == done.stdout


def test_the_token_is_in_no_output_and_no_file_whatever_goes_wrong(
    server: HubServer, release: Path, tmp_path: Path
) -> None:
    given = ("publish", "--release", str(release), "--repo", "linh/nghia")
    runs = [viconwsd(tmp_path, server.endpoint, *given, token="hf_wrongTokenButASecretOne9")]
    server.faults.append(Fault("whoami", 403, times=9, message=f"blocked: {TOKEN}"))
    runs.append(viconwsd(tmp_path, server.endpoint, *given))
    server.faults.clear()
    server.faults.append(Fault("/commit/", 400, times=9, message=f"bad header {TOKEN}"))
    runs.append(viconwsd(tmp_path, server.endpoint, *given))
    server.faults.clear()
    runs.append(viconwsd(tmp_path, server.endpoint, *given))
    assert [run.returncode for run in runs] == [1, 1, 1, 0]
    for run in runs:
        assert "Traceback" not in run.stderr
        for secret in (TOKEN, "hf_wrongTokenButASecretOne9"):
            assert secret not in run.stdout + run.stderr
    assert [len(run.stderr.splitlines()) for run in runs[:2]] == [2, 2]  # "checking", the error
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes(), path


def test_a_dry_run_without_a_hub_still_shows_the_files(release: Path, tmp_path: Path) -> None:
    run = viconwsd(
        tmp_path,
        "http://127.0.0.1:9",
        *("publish", "--release", str(release), "--repo", "linh/nghia", "--dry-run"),
    )
    assert run.returncode == 0, run.stderr
    assert "publishing would stop: no connection to http://127.0.0.1:9" in run.stderr
    assert len(run.stdout.splitlines()) == len(list_files(release))


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--release", "R"), "which repository? give --repo USER/NAME"),
        (("--release", "R", "--repo", "nghia"), "--repo nghia: a repository is USER/NAME"),
        (("--release", "R", "--model", "M", "--repo", "a/b"), "--release and --model exclude"),
        (("--release", "nowhere", "--repo", "a/b"), "no finished release here"),
        (("--model", "nowhere", "--repo", "a/b"), "no config.json, so no trained model"),
        (("-c", "nowhere.toml", "--repo", "a/b"), "nowhere.toml: no such file"),
    ],
)
def test_wrong_calls_are_one_line(
    release: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], line: str
) -> None:
    from pipeline.cli.main import exit_code

    given = [str(release) if argument == "R" else argument for argument in arguments]
    assert exit_code(["publish", *given]) in (1, 2)
    assert line in capsys.readouterr().err


def test_card_renders_and_prints_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pipeline.cli.main import exit_code

    folder = make_tiny_release(tmp_path / "release")
    assert exit_code(["card", "--release", str(folder)]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'card.html'}\n"
    assert "viconwsd-demo 0.1.0" in (tmp_path / "card.html").read_text(encoding="utf-8")
    assert (folder / "README.md").is_file()
