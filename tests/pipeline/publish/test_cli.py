"""The commands: what they print where, their exit codes, and that the token is nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.card.render import write_card
from pipeline.cli.main import exit_code
from pipeline.publish.files import list_files
from pipeline.split.pins import read_pins
from testing.tiny_release import make_tiny_release
from tests.pipeline.publish.conftest import TOKEN
from tests.pipeline.publish.hub_server import Fault, HubServer

VI = find_language("vi")
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = make_tiny_release(tmp_path / "release")
    write_card(folder)
    return folder


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of the command left behind."""

    code: int
    out: str
    err: str


Command = Callable[..., Run]


@pytest.fixture
def viconwsd(server: HubServer, monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> Command:
    """Runs the command in this process; whatever any library prints is caught as well."""
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", server.endpoint)

    def run(*arguments: str, token: str = TOKEN) -> Run:
        monkeypatch.setenv("HF_TOKEN", token)
        capfd.readouterr()
        code = exit_code(list(arguments))
        out, err = capfd.readouterr()
        return Run(code, out, err)

    return run


def test_dry_run_publish_and_publish_again(
    server: HubServer, viconwsd: Command, release: Path, tmp_path: Path
) -> None:
    given = ("publish", "--release", str(release), "--repo", "linh/nghia")
    before = {file.path: file.sha256 for file in list_files(release)}

    dry = viconwsd(*given, "--dry-run")
    assert dry.code == 0, dry.err
    lines = [line.split(maxsplit=3) for line in dry.out.splitlines()]
    assert {path: sha256 for _, _, sha256, path in lines} == before
    assert {action for action, *_ in lines} == {"add"}
    assert "data set linh/nghia would be created, private" in dry.err
    assert server.store.repositories == {}
    assert {file.path: file.sha256 for file in list_files(release)} == before

    done = viconwsd(*given, "--tag", "v0.1.0")
    assert done.code == 0, done.err
    assert done.out.startswith(f"{server.endpoint}/datasets/linh/nghia/commit/")
    assert (tmp_path / "publish/dataset--linh--nghia.json").is_file()

    again = viconwsd(*given)
    assert again.code == 0, again.err
    assert "nothing to upload: the repository holds these very files" in again.err
    assert again.out == done.out

    server.store.put("dataset", "linh/nghia", {"LICENSE": b"CC BY 4.0"}, "theirs")
    dry = viconwsd(*given, "--dry-run", "--pr")
    assert [line.split()[0] for line in dry.out.splitlines()].count("delete") == 1
    assert [line.split()[-1] for line in dry.out.splitlines() if "delete" in line] == ["LICENSE"]


def test_the_parts_of_published_rows_are_kept_but_not_those_of_a_pull_request(
    server: HubServer, viconwsd: Command, release: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "publish" / "splits.parquet"
    given = ("publish", "--release", str(release), "--repo", "linh/nghia")
    assert viconwsd(*given, "--dry-run").code == 0
    assert not kept.exists()
    assert viconwsd(*given).code == 0
    assert read_pins(kept, VI).digest == read_pins(release, VI).digest
    kept.unlink()
    server.store.put("dataset", "linh/nghia", {"LICENSE": b"CC BY 4.0"}, "theirs")
    assert viconwsd(*given, "--pr").code == 0
    assert not kept.exists()


def test_the_token_is_in_no_output_and_no_file_whatever_goes_wrong(
    server: HubServer, viconwsd: Command, release: Path, tmp_path: Path
) -> None:
    given = ("publish", "--release", str(release), "--repo", "linh/nghia")
    wrong = "hf_wrongTokenButASecretOne9"
    runs = [viconwsd(*given, token=wrong)]
    server.faults.append(Fault("whoami", 403, times=9, message=f"blocked: {TOKEN}"))
    runs.append(viconwsd(*given))
    server.faults.clear()
    server.faults.append(Fault("/commit/", 400, times=9, message=f"bad header {TOKEN}"))
    runs.append(viconwsd(*given))
    server.faults.clear()
    runs.append(viconwsd(*given))
    assert [run.code for run in runs] == [1, 1, 1, 0]
    for run in runs:
        assert "Traceback" not in run.err
        for secret in (TOKEN, wrong):
            assert secret not in run.out + run.err
    assert [len(run.err.splitlines()) for run in runs[:2]] == [2, 2]  # "checking", the error
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes(), path


def test_a_dry_run_without_a_hub_still_shows_the_files(release: Path, tmp_path: Path) -> None:
    """In a process of its own, with the endpoint from the environment."""
    given = ("publish", "--release", str(release), "--repo", "linh/nghia", "--dry-run")
    run = subprocess.run(
        [sys.executable, "-c", "from pipeline.cli import main; main()", *given],
        env=os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path / "hf")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "publishing would stop: no connection to http://127.0.0.1:9" in run.stderr
    assert len(run.stdout.splitlines()) == len(list_files(release))


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--release", "R"), "which repository? give --repo USER/NAME"),
        (("--release", "R", "--repo", "nghia"), "--repo 'nghia': a repository is USER/NAME"),
        (("--release", "R", "--model", "M", "--repo", "a/b"), "--release and --model exclude"),
        (("--release", "nowhere", "--repo", "a/b"), "no finished release here"),
        (("--model", "nowhere", "--repo", "a/b"), "no config.json, so no trained model"),
        (("-c", "nowhere.toml", "--repo", "a/b"), "nowhere.toml: no such file"),
    ],
)
def test_wrong_calls_are_one_line(
    release: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], line: str
) -> None:
    given = [str(release) if argument == "R" else argument for argument in arguments]
    assert exit_code(["publish", *given]) in (1, 2)
    assert line in capsys.readouterr().err


def test_a_key_in_the_wrong_place_is_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = "hf_" + "aB3" * 10
    assert exit_code(["publish", "--release", str(tmp_path), "--repo", key]) == 2
    (tmp_path / "run.toml").write_text(
        f'[source]\nkind = "csv"\npath = "x"\n[llm]\nbase_url = "http://127.0.0.1:9"\n'
        f'model = "m"\n[publish]\nrepo = "{key}"\n'
    )
    assert exit_code(["publish", "-c", str(tmp_path / "run.toml")]) == 2
    said = capsys.readouterr().err
    assert key not in said
    assert "--repo '***': a repository is USER/NAME" in said
    assert "[publish] repo: " in said


def test_card_renders_and_prints_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_tiny_release(tmp_path / "release")
    assert exit_code(["card", "--release", str(folder)]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'card.html'}\n"
    assert "viconwsd-demo 0.1.0" in (tmp_path / "card.html").read_text(encoding="utf-8")
    assert (folder / "README.md").is_file()
