"""Publishing a folder: one commit with exactly its files, and nothing of anybody overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.publish.destination import Destination, Repository
from pipeline.publish.files import list_files
from pipeline.publish.hub import Hub
from pipeline.publish.plan import Action
from pipeline.publish.publish import Publication, look, publish_files
from schemas.errors import ServiceError, UsageError
from tests.pipeline.publish.hub_server import HubServer

REPO = Repository("dataset", "linh/nghia")
HOME = Destination(REPO)


def do(folder: Path, hub: Hub, destination: Destination = HOME) -> Publication:
    memory = folder.parent / "publish"
    files = list_files(folder)
    return publish_files(
        files, destination, hub, memory, message="Release 0.1.0", say=lambda _: None
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {file.path: file.source.read_bytes() for file in list_files(folder)}


def published(server: HubServer, revision: str = "main") -> dict[str, bytes]:
    files = server.store.files("dataset", REPO.repo_id, revision)
    files.pop(".gitattributes")
    return files


def test_the_first_publication_makes_a_private_repository_with_exactly_the_files(
    server: HubServer, hub: Hub, folder: Path
) -> None:
    (folder / ".hidden").write_text("not for others")
    outcome = do(folder, hub)
    assert published(server) == contents(folder)
    assert server.store.repositories["dataset", REPO.repo_id].private
    assert (outcome.created, outcome.changed) == (True, True)
    assert outcome.url.startswith(f"{server.endpoint}/datasets/{REPO.repo_id}/commit/")


def test_an_unchanged_folder_uploads_and_commits_nothing(
    server: HubServer, hub: Hub, folder: Path
) -> None:
    first = do(folder, hub)
    server.requests.clear()
    second = do(folder, hub)
    assert (second.changed, second.commit) == (False, first.commit)
    assert [line for line in server.requests if not line.startswith("GET ")] == []


def test_a_changed_file_alone_is_uploaded_and_a_vanished_one_deleted(
    server: HubServer, hub: Hub, folder: Path
) -> None:
    do(folder, hub)
    server.requests.clear()
    (folder / "data/train.parquet").write_bytes(b"PAR1 anew")
    (folder / "data/test.parquet").unlink()
    outcome = do(folder, hub)
    assert [(s.action, s.path) for s in outcome.plan.changes] == [
        (Action.DELETE, "data/test.parquet"),
        (Action.UPDATE, "data/train.parquet"),
    ]
    assert server.count("^PUT /upload/") == 1
    assert published(server) == contents(folder)


def test_large_files_go_up_in_parts_where_the_hub_says_so(folder: Path) -> None:
    from tests.pipeline.publish.conftest import QUICK, TOKEN
    from tests.pipeline.publish.hub_store import Account

    with HubServer(part_bytes=4000) as server:
        server.store.accounts[TOKEN] = Account("linh")
        do(folder, Hub(server.endpoint, QUICK))
        assert server.count("^PUT /upload/") == 3 + 2
        assert published(server) == contents(folder)
        assert server.leaked == []


def test_looking_changes_nothing_and_tells_every_path(
    server: HubServer, hub: Hub, folder: Path
) -> None:
    files = list_files(folder)
    outlook = look(files, HOME, hub, folder.parent / "publish")
    assert [(s.action, s.path, s.size, s.sha256) for s in outlook.plan.steps] == [
        (Action.ADD, file.path, file.size, file.sha256) for file in files
    ]
    assert outlook.plan.upload_bytes == sum(file.size for file in files)
    assert server.store.repositories == {}
    assert [line for line in server.requests if not line.startswith("GET ")] == []
    assert not (folder.parent / "publish").exists()


def test_a_branch_that_moved_on_is_refused_and_left_alone(
    server: HubServer, hub: Hub, folder: Path
) -> None:
    do(folder, hub)
    theirs = server.store.put("dataset", REPO.repo_id, {"LICENSE": b"CC BY 4.0"}, "theirs")
    (folder / "README.md").write_text("---\nlanguage: vi\n---\nmore\n")
    with pytest.raises(
        ServiceError, match=rf"is at {theirs[:10]}, not at our .*--onto {theirs[:10]}"
    ):
        do(folder, hub)
    assert "LICENSE" in published(server)
    do(folder, hub, Destination(REPO, onto=theirs[:10]))
    assert published(server) == contents(folder)


def test_onto_must_name_the_head(server: HubServer, hub: Hub, folder: Path) -> None:
    first = do(folder, hub).commit
    assert first is not None
    server.store.put("dataset", REPO.repo_id, {"LICENSE": b"CC BY 4.0"}, "theirs")
    with pytest.raises(ServiceError, match="look at it again"):
        do(folder, hub, Destination(REPO, onto=first[:10]))


def test_a_repository_of_somebody_elses_making_is_not_overwritten(
    server: HubServer, hub: Hub, folder: Path
) -> None:
    server.store.create("dataset", REPO.repo_id, private=True)
    server.store.put("dataset", REPO.repo_id, {"data.csv": b"a,b"}, "theirs")
    with pytest.raises(ServiceError, match="which this run did not make"):
        do(folder, hub)
    assert published(server) == {"data.csv": b"a,b"}


def test_a_commit_between_looking_and_committing_is_refused(
    server: HubServer, hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    do(folder, hub)
    (folder / "README.md").write_text("---\nlanguage: vi\n---\nmore\n")
    commit = hub.commit

    def commit_after_them(*args: object, **kwargs: object) -> object:
        server.store.put("dataset", REPO.repo_id, {"LICENSE": b"CC BY 4.0"}, "theirs")
        return commit(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(hub, "commit", commit_after_them)
    with pytest.raises(ServiceError, match="HTTP 412"):
        do(folder, hub)
    assert "LICENSE" in published(server)


def test_a_pull_request_leaves_the_branch_and_is_opened_once(
    server: HubServer, hub: Hub, folder: Path
) -> None:
    do(folder, hub)
    before = published(server)
    (folder / "README.md").write_text("---\nlanguage: vi\n---\nmore\n")
    asked = Destination(REPO, pull_request=True)
    first = do(folder, hub, asked)
    assert first.url.endswith("/discussions/1")
    assert published(server) == before
    assert published(server, "refs/pr/1") == contents(folder)
    server.requests.clear()
    again = do(folder, hub, asked)
    assert (again.changed, again.url) == (False, first.url)
    assert server.count("^POST") == 0


def test_a_pull_request_may_be_made_where_others_have_committed(
    server: HubServer, hub: Hub, folder: Path
) -> None:
    server.store.create("dataset", REPO.repo_id, private=True)
    server.store.put("dataset", REPO.repo_id, {"data.csv": b"a,b"}, "theirs")
    do(folder, hub, Destination(REPO, pull_request=True))
    assert published(server) == {"data.csv": b"a,b"}


def test_a_new_branch_starts_from_main_and_main_stays(
    server: HubServer, hub: Hub, folder: Path
) -> None:
    do(folder, hub)
    before = published(server)
    (folder / "README.md").write_text("---\nlanguage: vi\n---\nmore\n")
    do(folder, hub, Destination(REPO, branch="v2"))
    assert published(server) == before
    assert published(server, "v2") == contents(folder)


def test_a_tag_names_the_commit_and_never_moves(server: HubServer, hub: Hub, folder: Path) -> None:
    first = do(folder, hub, Destination(REPO, tag="v0.1.0"))
    tags = server.store.repositories["dataset", REPO.repo_id].tags
    assert tags == {"v0.1.0": first.commit}
    do(folder, hub, Destination(REPO, tag="v0.1.0"))
    (folder / "README.md").write_text("---\nlanguage: vi\n---\nmore\n")
    with pytest.raises(UsageError, match=r"v0\.1\.0 already names commit .*: choose another tag"):
        do(folder, hub, Destination(REPO, tag="v0.1.0"))
    assert tags == {"v0.1.0": first.commit}


def test_an_unchanged_release_can_be_tagged_and_opened_later(
    server: HubServer, hub: Hub, folder: Path
) -> None:
    first = do(folder, hub)
    outcome = do(folder, hub, Destination(REPO, tag="v0.1.0", public=True))
    repository = server.store.repositories["dataset", REPO.repo_id]
    assert (outcome.changed, repository.private) == (False, False)
    assert repository.tags == {"v0.1.0": first.commit}


def test_a_public_repository_receives_nothing_unless_that_is_said(
    server: HubServer, hub: Hub, folder: Path
) -> None:
    do(folder, hub, Destination(REPO, public=True))
    assert not server.store.repositories["dataset", REPO.repo_id].private
    with pytest.raises(UsageError, match="is public: say --public"):
        do(folder, hub)


def test_one_commit_is_made_when_its_answer_was_lost_and_the_memory_too(
    server: HubServer, hub: Hub, folder: Path
) -> None:
    do(folder, hub)
    for file in (folder.parent / "publish").iterdir():
        file.unlink()
    outcome = do(folder, hub)
    assert outcome.changed is False
    assert len(server.store.repositories["dataset", REPO.repo_id].commits) == 2


@pytest.mark.parametrize(
    "name", ["", " ", "-x", "a..b", "a b", "a\nb", "v1.lock", "/v1", "a~1", "@"]
)
def test_names_that_git_does_not_take_are_refused_before_anything_is_done(name: str) -> None:
    with pytest.raises(UsageError, match=r"--tag .*: give a name of letters"):
        Destination(REPO, tag=name)
    with pytest.raises(UsageError, match=r"--revision .*: give a name of letters"):
        Destination(REPO, branch=name)
    assert Destination(REPO, branch="đợt-2/nháp", tag="v0.1.0").tag == "v0.1.0"


@pytest.mark.parametrize("name", ["../..", "a/b/c", "a", "/b", "a/", "a /b", "-a/b", "a/.b"])
def test_a_repository_is_a_user_and_a_name(name: str) -> None:
    with pytest.raises(UsageError, match="a repository is USER/NAME"):
        Repository("dataset", name)


def test_destinations_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(UsageError, match="leave out --revision"):
        Destination(REPO, branch="v2", pull_request=True)
    with pytest.raises(UsageError, match="leave it out with --pr"):
        Destination(REPO, tag="v1", pull_request=True)
    with pytest.raises(UsageError, match="at least 7 characters"):
        Destination(REPO, onto="abc")
