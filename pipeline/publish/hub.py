"""The border to the Hugging Face Hub: plain values on this side, the true client on the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError
from huggingface_hub.hf_api import RepoFile
from tenacity import Retrying, retry_if_exception, stop_after_attempt

from pipeline.publish.hub_errors import hub_errors, is_transient
from pipeline.publish.patience import DEFAULT_PATIENCE, Patience
from pipeline.publish.plan import RemoteFile, Step
from pipeline.publish.repository import Repository
from pipeline.publish.transport import bound_silence, choose_transfer, hush

T = TypeVar("T")
_OTHER_KINDS = ("dataset", "model", "space")


@dataclass(frozen=True, slots=True)
class Account:
    """Who the token belongs to, and whether it may only read."""

    name: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class Remote:
    """A branch as it is now; a branch that does not exist yet starts from ``head`` of main."""

    head: str
    private: bool
    branch_exists: bool
    files: Mapping[str, RemoteFile]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Committed:
    """A commit that the Hub has taken, and the page that shows it."""

    oid: str
    url: str


class Hub:
    """The few things this project asks of the Hub; each fails with one clear line."""

    def __init__(self, endpoint: str | None = None, patience: Patience = DEFAULT_PATIENCE) -> None:
        self._api = HfApi(endpoint=endpoint, library_name="viconwsd")
        self._patience = patience
        bound_silence(patience.silence)
        choose_transfer(self.endpoint)
        hush()

    @property
    def endpoint(self) -> str:
        """The address of the Hub."""
        return str(self._api.endpoint)

    def page(self, repository: Repository) -> str:
        """The repository's page."""
        prefix = "datasets/" if repository.kind == "dataset" else ""
        return f"{self.endpoint}/{prefix}{repository.repo_id}"

    def account(self) -> Account:
        """Who the token belongs to."""
        found = self._ask("checking the token", lambda: self._api.whoami())
        role = found.get("auth", {}).get("accessToken", {}).get("role")
        return Account(str(found["name"]), read_only=role == "read")

    def find(self, repository: Repository, branch: str) -> Remote | None:
        """The branch with its files; None when the repository does not exist."""
        with hub_errors(self.endpoint, f"looking at {repository}"):
            return self._retrying(lambda: self._find(repository, branch))

    def _find(self, repository: Repository, branch: str) -> Remote | None:
        repo_id, kind = repository.repo_id, repository.kind
        exists = True
        try:
            info = self._api.repo_info(repo_id, repo_type=kind, revision=branch)
        except RepositoryNotFoundError:
            return None
        except RevisionNotFoundError:
            exists = False
            info = self._api.repo_info(repo_id, repo_type=kind)
        head = str(info.sha)
        tree = self._api.list_repo_tree(repo_id, recursive=True, revision=head, repo_type=kind)
        files = {
            entry.path: RemoteFile(
                entry.size, entry.blob_id, entry.lfs.sha256 if entry.lfs else None
            )
            for entry in tree
            if isinstance(entry, RepoFile)
        }
        refs = self._api.list_repo_refs(repo_id, repo_type=kind)
        tags = {tag.name: tag.target_commit for tag in refs.tags}
        return Remote(head, bool(getattr(info, "private", False)), exists, files, tags)

    def other_kind(self, repository: Repository) -> str | None:
        """The kind under which the name is taken, if it is taken by another kind only."""
        for kind in _OTHER_KINDS:
            if kind != repository.kind and self._exists(repository.repo_id, kind):
                return kind
        return None

    def _exists(self, repo_id: str, kind: str) -> bool:
        return self._ask(
            f"looking for {repo_id}", lambda: self._api.repo_exists(repo_id, repo_type=kind)
        )

    def create(self, repository: Repository, *, private: bool) -> None:
        """Makes the repository; one that exists already is left as it is."""
        self._ask(
            f"creating {repository}",
            lambda: self._api.create_repo(
                repository.repo_id, repo_type=repository.kind, private=private, exist_ok=True
            ),
        )

    def create_branch(self, repository: Repository, branch: str, start: str) -> None:
        """Makes a branch at a commit."""
        self._ask(
            f"creating the branch {branch} of {repository}",
            lambda: self._api.create_branch(
                repository.repo_id,
                branch=branch,
                revision=start,
                repo_type=repository.kind,
                exist_ok=True,
            ),
        )

    def upload(
        self, repository: Repository, branch: str, steps: tuple[Step, ...], *, pull_request: bool
    ) -> list[CommitOperationAdd | CommitOperationDelete]:
        """Uploads the large files, those on the Hub already left out; returns the operations.

        Each file is kept by the Hub as soon as it is whole, so a broken upload goes on.
        """
        with hub_errors(self.endpoint, f"uploading to {repository}"):
            operations = [_operation(step) for step in steps]
            additions = [op for op in operations if isinstance(op, CommitOperationAdd)]
            self._api.preupload_lfs_files(
                repository.repo_id,
                additions,
                repo_type=repository.kind,
                revision=branch,
                create_pr=pull_request,
                free_memory=False,
            )
        return operations

    def commit(
        self,
        repository: Repository,
        branch: str,
        operations: list[CommitOperationAdd | CommitOperationDelete],
        *,
        message: str,
        description: str,
        parent: str,
        pull_request: bool,
    ) -> Committed:
        """Makes one commit on top of ``parent``, tried once.

        MovedOnError when ``parent`` is no longer the head, BusyError when it may have been made.
        """
        with hub_errors(self.endpoint, f"committing to {repository}"):
            made = self._api.create_commit(
                repository.repo_id,
                operations,
                commit_message=message,
                commit_description=description,
                repo_type=repository.kind,
                revision=branch,
                create_pr=pull_request,
                parent_commit=parent,
            )
        return Committed(str(made.oid), str(made.pr_url or made.commit_url))

    def tag(self, repository: Repository, name: str, commit: str) -> None:
        """Names a commit; a tag that exists is left as it is."""
        self._ask(
            f"tagging {repository} as {name}",
            lambda: self._api.create_tag(
                repository.repo_id,
                tag=name,
                revision=commit,
                repo_type=repository.kind,
                exist_ok=True,
            ),
        )

    def open_to_all(self, repository: Repository) -> None:
        """Makes a private repository public."""
        self._ask(
            f"opening {repository}",
            lambda: self._api.update_repo_settings(
                repository.repo_id, private=False, repo_type=repository.kind
            ),
        )

    def pause(self, attempt: int) -> None:
        """Waits between two attempts at a commit."""
        patience = self._patience
        time.sleep(min(patience.longest_wait, patience.first_wait * 2.0 ** (attempt - 1)))

    def _ask(self, doing: str, request: Callable[[], T]) -> T:
        with hub_errors(self.endpoint, doing):
            return self._retrying(request)

    def _retrying(self, request: Callable[[], T]) -> T:
        """Retries a request; uploads and listings are retried by the client itself."""
        retrying = Retrying(
            retry=retry_if_exception(is_transient),
            stop=stop_after_attempt(self._patience.attempts),
            wait=self._patience.wait,
            reraise=True,
        )
        return retrying(request)


def _operation(step: Step) -> CommitOperationAdd | CommitOperationDelete:
    if step.file is None:
        return CommitOperationDelete(step.path, is_folder=False)
    addition = CommitOperationAdd(step.path, step.file.source)
    addition.upload_info.sha256 = bytes.fromhex(step.file.sha256)  # not to be computed twice
    return addition
