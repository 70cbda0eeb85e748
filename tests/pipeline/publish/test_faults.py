"""Whatever goes wrong on the way to the Hub is told in one line, and running again goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import huggingface_hub
import pytest

from pipeline.publish.destination import Destination, Repository
from pipeline.publish.files import list_files
from pipeline.publish.hub import Hub
from pipeline.publish.publish import publish_files
from schemas.errors import ViconwsdError
from tests.pipeline.publish.conftest import QUICK, TOKEN
from tests.pipeline.publish.hub_server import Fault, HubServer
from tests.pipeline.publish.test_publish import HOME, REPO, contents, do, published


def line_of(error: BaseException) -> str:
    """The message, which must be one line without the token, whatever led to it."""
    message = str(error)
    assert "\n" not in message
    seen: BaseException | None = error
    while seen is not None:
        assert TOKEN not in repr(seen)
        seen = seen.__cause__
    return message


def refusal(folder: Path, hub: Hub, destination: Destination = HOME) -> str:
    with pytest.raises(ViconwsdError) as caught:
        do(folder, hub, destination)
    return line_of(caught.value)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Hub's client waits up to half a minute between its retries; here it does not."""
    wait = threading.Event().wait
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: wait(0.001))


def test_without_a_token(hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN")
    assert refusal(folder, hub) == "no Hugging Face token: set HF_TOKEN or run `hf auth login`"


def test_a_saved_login_serves_as_well(
    server: HubServer, hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    (tmp_path / "no-login").write_text(TOKEN)
    do(folder, hub)
    assert published(server) == contents(folder)


def test_with_a_wrong_token(
    server: HubServer, hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_revoked")
    assert refusal(folder, hub) == (
        f'{server.endpoint} does not accept the token (HTTP 401, "Unauthorized"): '
        "set HF_TOKEN to a valid one, or run `hf auth login --force`"
    )


def test_with_a_token_that_may_only_read(
    server: HubServer, hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_reader")
    assert "the token of linh may only read" in refusal(folder, hub)


def test_without_the_right_to_create(server: HubServer, hub: Hub, folder: Path) -> None:
    line = refusal(folder, hub, Destination(Repository("dataset", "nguoi-khac/nghia")))
    assert line == (
        "no right for creating data set nguoi-khac/nghia (HTTP 403, \"You don't have the rights "
        'to create a dataset under nguoi-khac"): use a token with write access to this repository'
    )


def test_without_the_right_to_write(
    server: HubServer, hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.store.create("dataset", REPO.repo_id, private=False)
    monkeypatch.setenv("HF_TOKEN", "hf_stranger")
    line = refusal(folder, hub, Destination(REPO, public=True))
    assert line.startswith("no right for publishing to data set linh/nghia (HTTP 403")


def test_a_repository_of_another_kind(server: HubServer, hub: Hub, folder: Path) -> None:
    server.store.create("model", REPO.repo_id, private=True)
    assert refusal(folder, hub).startswith(
        "linh/nghia is a model repository, not a dataset: choose another name"
    )
    assert ("dataset", REPO.repo_id) not in server.store.repositories


def test_without_a_network(folder: Path) -> None:
    line = refusal(folder, Hub("http://127.0.0.1:9", QUICK))
    assert line.startswith("no connection to http://127.0.0.1:9 while checking the token: check")


def test_offline(hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    assert refusal(folder, hub) == "HF_HUB_OFFLINE is set, so the Hub cannot be asked: unset it"


def test_an_endpoint_that_is_no_hub(server: HubServer, hub: Hub, folder: Path) -> None:
    server.faults.append(Fault("whoami", status=404, times=9, message="Not Found"))
    assert refusal(folder, hub) == (
        f'checking the token: not found on {server.endpoint} (HTTP 404, "Not Found"): '
        "check the name"
    )


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("where", ["whoami", "repos/create", "/refs", "/commit/"])
def test_a_passing_fault_is_waited_out(
    server: HubServer, hub: Hub, folder: Path, status: int, where: str
) -> None:
    server.faults.append(Fault(where, status=status, times=2))
    do(folder, hub)
    assert published(server) == contents(folder)
    assert server.faults[0].times == 0


def test_too_many_requests_says_how_long_to_wait(server: HubServer, hub: Hub, folder: Path) -> None:
    server.faults.append(Fault("/refs", 429, times=9, headers={"Retry-After": "40"}))
    do_not_wait = Hub(server.endpoint, QUICK)
    server.store.create("dataset", REPO.repo_id, private=True)
    line = refusal(folder, do_not_wait)
    assert line == (
        f'{server.endpoint} asks to slow down (HTTP 429, "injected"): wait 40 s; '
        "what was done is kept: run the same command again"
    )


def test_a_lasting_fault_of_the_hub(server: HubServer, hub: Hub, folder: Path) -> None:
    server.faults.append(Fault("/commit/", 500, times=99))
    line = refusal(folder, hub)
    assert line == (
        f"{server.endpoint} has a fault of its own while publishing to data set linh/nghia "
        '(HTTP 500, "injected"); what was done is kept: run the same command again'
    )
    server.faults.clear()
    server.requests.clear()
    do(folder, hub)
    assert server.count("^PUT /upload/") == 0
    assert published(server) == contents(folder)


def test_a_conflict_while_creating_is_no_fault(server: HubServer, hub: Hub, folder: Path) -> None:
    """Somebody (or an earlier request of ours) made the repository in the meantime."""
    server.faults.append(Fault("repos/create", times=1, after_effect=True))
    do(folder, hub)
    assert published(server) == contents(folder)


def test_a_conflict_of_commits(server: HubServer, hub: Hub, folder: Path) -> None:
    server.faults.append(Fault("/commit/", 409, times=9, message="ref is locked"))
    assert refusal(folder, hub) == (
        'publishing to data set linh/nghia conflicts with another change (HTTP 409, "ref is '
        'locked"); what was done is kept: run the same command again'
    )


def test_a_commit_whose_answer_is_lost_is_found_not_repeated(
    server: HubServer, hub: Hub, folder: Path
) -> None:
    server.faults.append(Fault("/commit/", after_effect=True))
    outcome = do(folder, hub)
    repository = server.store.repositories["dataset", REPO.repo_id]
    assert outcome.commit == repository.branches["main"]
    assert len(repository.commits) == 2
    assert server.count("/commit/") == 1


def test_a_pull_request_whose_answer_is_lost_is_not_opened_twice(
    server: HubServer, hub: Hub, folder: Path
) -> None:
    server.store.create("dataset", REPO.repo_id, private=True)
    server.faults.append(Fault("/commit/", after_effect=True))
    line = refusal(folder, hub, Destination(REPO, pull_request=True))
    assert line.endswith("/discussions first: the pull request may be open)")
    assert len(server.store.repositories["dataset", REPO.repo_id].pull_requests) == 1


def test_a_connection_cut_in_the_middle_of_an_upload_is_taken_up_again(
    server: HubServer, hub: Hub, folder: Path, impatient: None
) -> None:
    server.faults.append(Fault("^PUT /upload/", cut_after=2000))
    do(folder, hub)
    assert server.count("^PUT /upload/") == 3
    assert published(server) == contents(folder)


def test_an_upload_that_breaks_for_good_goes_on_where_it_was(
    server: HubServer, hub: Hub, folder: Path, impatient: None
) -> None:
    broken = next(f for f in list_files(folder) if f.path == "data/train.parquet")
    server.faults.append(Fault(f"^PUT /upload/{broken.sha256}", cut_after=2000, times=99))
    line = refusal(folder, hub)
    assert line.startswith(f"the connection to {server.endpoint} broke while publishing to")
    assert len(server.store.repositories["dataset", REPO.repo_id].commits) == 1
    server.faults.clear()
    server.requests.clear()
    do(folder, hub)
    assert [line for line in server.requests if line.startswith("PUT")] == [
        f"PUT /upload/{broken.sha256}"
    ]
    assert published(server) == contents(folder)


_PUBLISH_IN_A_PROCESS = """
import sys
from pathlib import Path
from pipeline.publish.hub import Hub
from tests.pipeline.publish.test_publish import do
do(Path(sys.argv[1]), Hub())
"""


def test_a_process_killed_while_uploading_leaves_what_the_next_one_builds_on(
    server: HubServer, hub: Hub, folder: Path, tmp_path: Path
) -> None:
    slow = next(f for f in list_files(folder) if f.path == "data/train.parquet")
    released = threading.Event()
    server.faults.append(Fault(f"^PUT /upload/{slow.sha256}", hold=released))
    environment = os.environ | {"HF_ENDPOINT": server.endpoint, "HF_HOME": str(tmp_path / "hf")}
    process = subprocess.Popen(
        [sys.executable, "-c", _PUBLISH_IN_A_PROCESS, str(folder)], env=environment
    )
    while len(server.store.objects) < 1 or server.count(slow.sha256) < 1:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    released.set()
    server.requests.clear()
    do(folder, hub)
    assert [line for line in server.requests if line.startswith("PUT")] == [
        f"PUT /upload/{slow.sha256}"
    ]
    assert published(server) == contents(folder)


@pytest.mark.parametrize("status", [403, 404])
def test_an_endpoint_that_does_not_speak_xet_though_told_so(
    server: HubServer, folder: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "0")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", False)
    server.faults.append(Fault("xet-write-token", status, times=9, message=f"no {TOKEN}"))
    line = refusal(folder, Hub(server.endpoint, QUICK))
    assert "publishing to data set linh/nghia" in line
    assert str(status) in line


_ENOUGH = {("/tree/", b"[]"), ("/tree/", b"{}")}
"""What the client does not need of an answer may be missing from it."""


@pytest.mark.parametrize("body", [b"", b"<html>", b"null", b"[]", b"{}", b"[1]", b'{"name": 3}'])
@pytest.mark.parametrize(
    "where",
    [
        "whoami",
        "GET /api/datasets/linh/nghia/revision",
        "/tree/",
        "/refs",
        "repos/create",
        "/preupload/",
        "objects/batch",
    ],
)
def test_an_answer_that_no_hub_gives_is_one_line(
    server: HubServer, hub: Hub, folder: Path, where: str, body: bytes
) -> None:
    server.faults.append(Fault(where, times=99, body=body))
    if (where, body) in _ENOUGH:
        do(folder, hub)
        assert published(server) == contents(folder)
    else:
        line = refusal(folder, hub)
        assert "failed: " in line or f"{server.endpoint} answers unlike a Hub" in line
        assert "Expecting value" not in line or "answers unlike a Hub" in line


@pytest.mark.parametrize("body", [b"<html>", b"{}", b"[]"])
def test_a_commit_that_is_told_unreadably_is_found(
    server: HubServer, hub: Hub, folder: Path, body: bytes
) -> None:
    server.faults.append(Fault("/commit/", body=body, after_effect=True))
    done = do(folder, hub)
    repository = server.store.repositories["dataset", REPO.repo_id]
    assert done.commit == repository.branches["main"]
    assert len(repository.commits) == 2


def test_metadata_that_the_hub_refuses_is_told_in_full(
    server: HubServer, hub: Hub, folder: Path
) -> None:
    (folder / "README.md").write_text("---\nlanguage: [vi\n---\n")
    line = refusal(folder, hub)
    assert "Invalid metadata in README.md. - while parsing a flow sequence" in line


def test_a_file_that_vanishes_while_uploading_is_one_line(
    server: HubServer, hub: Hub, folder: Path
) -> None:
    files = list_files(folder)
    (folder / "data/train.parquet").unlink()
    with pytest.raises(ViconwsdError) as caught:
        publish_files(files, HOME, hub, folder.parent / "m", message="Release", say=lambda _: None)
    assert "publishing to data set linh/nghia failed:" in line_of(caught.value)


def test_a_message_that_repeats_the_token_does_not_get_through(
    server: HubServer, hub: Hub, folder: Path
) -> None:
    server.faults.append(Fault("whoami", 403, times=9, message=f"token {TOKEN} is blocked"))
    assert '"token *** is blocked"' in refusal(folder, hub)


def test_what_is_no_folder_of_plain_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ViconwsdError, match="no such folder"):
        list_files(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ViconwsdError, match="nothing to publish in this folder"):
        list_files(tmp_path / "empty")
    (tmp_path / "empty/link").symlink_to("/etc/hostname")
    with pytest.raises(ViconwsdError, match="a link is not published"):
        list_files(tmp_path / "empty")
