"""``[split] previous`` by a name on the Hub: only the tables of rows are fetched, and once."""

from __future__ import annotations

from pathlib import Path

import huggingface_hub
import pytest

from languages.find import find_language
from pipeline.cli.main import exit_code
from pipeline.publish.destination import data_set_at
from pipeline.publish.fetch import fetch_release
from pipeline.publish.files import list_files
from pipeline.publish.hub import Hub, Patience
from pipeline.publish.hub_errors import BusyError
from pipeline.release.manifest import ReleaseManifest
from pipeline.split.pins import read_pins
from pipeline.split.settings import SplitSettings
from pipeline.stages.split import FETCHED, earlier_parts
from schemas.errors import UsageError
from testing.tiny_release import make_tiny_release
from tests.pipeline.publish.hub_server import HubServer
from tests.pipeline.stages.bound import run_parts

VI = find_language("vi")
NAME = "linh/nghia"


@pytest.fixture
def on_the_hub(server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release, the same on the Hub under a tag, and one file of it gone from main since."""
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", server.endpoint)
    template = f"{server.endpoint}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)
    release = make_tiny_release(tmp_path / "release")
    store = server.store
    repository = store.create("dataset", NAME, private=True)
    files: dict[str, bytes | None] = {f.path: f.source.read_bytes() for f in list_files(release)}
    repository.tags["v1"] = store.put("dataset", NAME, files, "the first")
    gone = next(path for path in files if path.startswith("data/examples/test"))
    store.put("dataset", NAME, {gone: None}, "less")
    return release


def digest(folder: Path, previous: str) -> str:
    return earlier_parts(run_parts(folder, SplitSettings(previous=previous))).digest


def test_the_rows_of_a_revision_are_fetched_once_and_nothing_else(
    server: HubServer, on_the_hub: Path, tmp_path: Path
) -> None:
    whole = read_pins(on_the_hub, VI).digest
    assert digest(tmp_path / "run", f"{NAME}@v1") == whole
    fetched = [line for line in server.requests if "/resolve/" in line]
    assert fetched
    assert all("/data/examples/" in path for path in fetched)
    asked = len(server.requests)
    assert digest(tmp_path / "run", f"{NAME}@v1") == whole
    assert len(server.requests) == asked, "the Hub is asked again"
    assert digest(tmp_path / "run", NAME) != whole
    assert len(list((tmp_path / "run" / FETCHED).iterdir())) == 2


def test_a_folder_of_that_name_is_taken_before_the_hub_is_asked(
    server: HubServer, on_the_hub: Path, tmp_path: Path
) -> None:
    (tmp_path / "linh").mkdir()
    on_the_hub.rename(tmp_path / NAME)
    assert digest(tmp_path, NAME) == read_pins(tmp_path / NAME, VI).digest
    assert server.requests == []


@pytest.mark.parametrize(
    ("previous", "said"),
    [
        (f"{NAME}@v9", "has no revision v9"),
        ("linh/khac", "is not there, or not for your token to read"),
        ("linh/rong", "has no data/examples/*.parquet: it is no release"),
    ],
)
def test_a_name_that_leads_to_nothing_is_one_line(
    server: HubServer, on_the_hub: Path, tmp_path: Path, previous: str, said: str
) -> None:
    server.store.create("dataset", "linh/rong", private=False)
    with pytest.raises(UsageError) as error:
        digest(tmp_path, previous)
    line = str(error.value)
    assert line.startswith(f"[split] previous: {previous} is no folder, and from the Hub: http")
    assert line.endswith(said)
    assert "\n" not in line
    assert not (tmp_path / FETCHED).exists()


def test_offline_it_is_one_line_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(Patience, "wait", lambda *_: 0.0)
    begin = f"[split] previous: {NAME} is no folder, and from the Hub: "
    with pytest.raises(BusyError) as error:
        digest(tmp_path, NAME)
    assert str(error.value).startswith(f"{begin}no connection to {Hub().endpoint} while looking at")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(UsageError) as refused:
        digest(tmp_path, NAME)
    assert (
        str(refused.value) == f"{begin}HF_HUB_OFFLINE is set, so the Hub cannot be asked: unset it"
    )


def test_a_release_is_fetched_whole_and_once(
    server: HubServer, on_the_hub: Path, tmp_path: Path
) -> None:
    named = data_set_at(f"{NAME}@v1")
    assert named
    folder = fetch_release(*named, tmp_path / "cache", Hub(server.endpoint))
    for name in ("manifest.json", "data/senses/senses-00000.parquet"):
        assert (folder / name).read_bytes() == (on_the_hub / name).read_bytes()
    assert ReleaseManifest.read(folder).counts.examples == 8
    fetched = len([line for line in server.requests if "/resolve/" in line])
    assert fetch_release(*named, tmp_path / "cache", Hub(server.endpoint)) == folder
    assert len([line for line in server.requests if "/resolve/" in line]) == fetched


def test_viewing_a_release_of_the_hub_without_a_network_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert exit_code(["view", "--release", NAME, "--no-browser"]) == 2
    told = capfd.readouterr().err
    assert "HF_HUB_OFFLINE is set" in told
    assert told.count("\n") == 1
