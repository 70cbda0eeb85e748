"""A finished tiny run, looked at through the pages, without a socket or over one."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from starlette.testclient import TestClient

from languages.find import find_language
from pipeline.cli.looked import needles_of, site_of
from pipeline.cli.main import exit_code
from pipeline.publish.scan import Needles
from pipeline.view.reading.site import Site
from pipeline.view.serve import listen
from pipeline.view.server import Server
from tests.conftest import TinyRun, make_tiny_run

PORT = 8765
TOKEN = "a-token-of-the-tests"
RENEWING = "a new index is being made"
"""Stands on a page in English whose rows are those of the index before."""


@dataclass(frozen=True)
class Seen:
    """A site and a browser that has its cookie."""

    site: Site
    client: TestClient

    def text(self, address: str, status: int = 200, **headers: str) -> str:
        """A page, once the index of today is made."""
        for _ in range(200):
            answer = self.client.get(address, headers=headers)
            if answer.status_code != 503 and RENEWING not in answer.text:
                break
            time.sleep(0.02)
        assert answer.status_code == status, answer.text
        return answer.text


def seen(config: Path | None = None, release: Path | None = None, **more: Path) -> Seen:
    """A view of a run or a release."""
    named = {"against": None, "model": None, "doubts": None} | more
    site, folders = site_of(config or Path("none"), str(release) if release else None, **named)
    application = Server(site, needles_of(site, folders)).application(TOKEN, PORT)
    client = TestClient(application, base_url=f"http://127.0.0.1:{PORT}")
    client.cookies.set(f"viconwsd-{PORT}", TOKEN)
    return Seen(site, client)


@contextmanager
def serving(site: Site, folder: Path) -> Iterator[str]:
    """The pages on a port of this machine, by their address; no page names the folder."""
    listening = listen(None)
    port = listening.getsockname()[1]
    application = Server(site, Needles.of_this_machine(folder)).application(TOKEN, port)
    server = uvicorn.Server(uvicorn.Config(application, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(autouse=True, scope="module")
def no_cache_of_ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Indexes of releases go to a folder of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="package")
def finished(tmp_path_factory: pytest.TempPathFactory) -> TinyRun:
    """A run that has been run; nothing may change it."""
    run = make_tiny_run(tmp_path_factory.mktemp("view") / "a run & more")
    assert exit_code(["run", "-c", str(run.config)]) == 0
    return run


@pytest.fixture(scope="package")
def run_seen(finished: TinyRun) -> Iterator[Seen]:
    found = seen(finished.config)
    with found.client:
        yield found


@pytest.fixture(scope="package")
def model(finished: TinyRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the run's words, trained for a second."""
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[train]")
    from trainer.data.release import read_release
    from trainer.settings import SmallEncoderSettings, TrainSettings
    from trainer.training.run import train_model

    torch.set_num_threads(1)
    settings = TrainSettings(
        small=SmallEncoderSettings(width=16, layers=1, heads=2, vocabulary=400),
        gloss_width=12,
        segmenter="units",
        max_length=32,
        heads=2,
        head_width=16,
        epochs=1,
    )
    data = read_release(finished.folder / "release", find_language("vi"))
    return train_model(data, settings, tmp_path_factory.mktemp("model"), lambda _: None).folder
