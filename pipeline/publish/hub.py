"""The border to the Hugging Face Hub: plain values here, the HfApi of its client there."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import huggingface_hub
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils.tqdm import disable_progress_bars, enable_progress_bars

from pipeline.publish.destination import Destination, Repository
from pipeline.publish.hub_errors import hub_errors, is_transient, retry_after
from pipeline.publish.plan import RemoteFile, Step
from schemas.errors import ServiceError, UsageError

T = TypeVar("T")
_PUBLIC_HUB = "https://huggingface.co"
_OTHER_KINDS = ("dataset", "model", "space")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the Hub is given: tries per request, waits between them, silence on the line."""

    attempts: int = 4
    first_wait: float = 1.0
    longest_wait: float = 60.0
    silence: float = 120.0

    def wait(self, attempt: int, asked: float | None = None) -> float:
        """Doubling waits; the Hub's own Retry-After counts for more, up to the longest."""
        return min(self.longest_wait, asked or self.first_wait * 2.0 ** (attempt - 1))


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

    def __init__(self, endpoint: str | None = None, patience: Patience | None = None) -> None:
        self._api = HfApi(endpoint=endpoint, library_name="viconwsd")
        self._patience = patience or Patience()
        silence = self._patience.silence
        timeout = httpx2.Timeout(silence, connect=min(silence, 20.0))  # the client's own: for ever
        huggingface_hub.set_client_factory(
            lambda: httpx2.Client(follow_redirects=True, timeout=timeout)
        )
        if self.endpoint != _PUBLIC_HUB and "HF_HUB_DISABLE_XET" not in os.environ:
            huggingface_hub.constants.HF_HUB_DISABLE_XET = True  # only that Hub is sure to speak it
        # errors are told once, by hub_errors
        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)

    @property
    def endpoint(self) -> str:
        """The address of the Hub."""
        return str(self._api.endpoint)

    def page(self, repository: Repository) -> str:
        """The repository's page."""
        prefix = "datasets/" if repository.kind == "dataset" else ""
        return f"{self.endpoint}/{prefix}{repository.repo_id}"

    def check_online(self) -> None:
        """Raises where the user has said that nothing may be asked."""
        if huggingface_hub.is_offline_mode():
            raise UsageError("HF_HUB_OFFLINE is set, so the Hub cannot be asked: unset it")

    def check_token(self) -> None:
        """Raises where there is no token, or one that may not write."""
        self.check_online()
        found = self._ask("checking the token", self._api.whoami)
        if not isinstance(found, dict) or not isinstance(found.get("name"), str):
            raise ServiceError(f"{self.endpoint} answers unlike a Hub: check HF_ENDPOINT")
        token = found.get("auth", {}).get("accessToken", {})
        if token.get("role") == "read":
            raise ServiceError(
                f"the token of {found['name']} may only read: make one that may write at "
                f"{self.endpoint}/settings/tokens"
            )

    def find(self, repository: Repository, branch: str) -> Remote | None:
        """The branch with its files; None when the repository does not exist."""
        return self._ask(f"looking at {repository}", self._find, repository, branch)

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

    def fetch(self, repository: Repository, revision: str, path: str, into: Path) -> None:
        """Writes one file of a revision under a folder, by its path in the repository."""
        download = partial(self._api.hf_hub_download, repository.repo_id, path)
        of = {"repo_type": repository.kind, "revision": revision}
        self._ask(f"fetching {path} of {repository}", download, **of, local_dir=into)

    def other_kind(self, repository: Repository) -> str | None:
        """The kind under which the name is taken, if it is taken by another kind only."""
        name, exists = repository.repo_id, self._api.repo_exists
        for kind in _OTHER_KINDS:
            if kind != repository.kind and self._ask(
                f"looking for {name}", exists, name, repo_type=kind
            ):
                return kind
        return None

    def create(self, repository: Repository, *, private: bool) -> None:
        """Makes the repository; one that exists already is left as it is."""
        doing, create = f"creating {repository}", self._api.create_repo
        self._ask(doing, create, **_named(repository), private=private, exist_ok=True)

    def create_branch(self, repository: Repository, branch: str, start: str) -> None:
        """Makes a branch at a commit."""
        doing, create = f"creating the branch {branch} of {repository}", self._api.create_branch
        self._ask(doing, create, **_named(repository), branch=branch, revision=start, exist_ok=True)

    def tag(self, repository: Repository, name: str, commit: str) -> None:
        """Names a commit; a tag that exists is left as it is."""
        doing, create = f"tagging {repository} as {name}", self._api.create_tag
        self._ask(doing, create, **_named(repository), tag=name, revision=commit, exist_ok=True)

    def open_to_all(self, repository: Repository) -> None:
        """Makes a private repository public."""
        doing, update = f"opening {repository}", self._api.update_repo_settings
        self._ask(doing, update, **_named(repository), private=False)

    def commit(
        self,
        destination: Destination,
        steps: tuple[Step, ...],
        *,
        message: str,
        description: str,
        parent: str,
    ) -> Committed:
        """Uploads what the Hub does not have yet, then makes one commit on top of ``parent``.

        Each large file is kept by the Hub as soon as it is whole, so a broken upload goes on.
        Tried once: MovedOnError when ``parent`` is no longer the head, BusyError when the commit
        may have been made.
        """
        repository = destination.repository
        with hub_errors(self.endpoint, f"publishing to {repository}"):
            made = self._api.create_commit(
                operations=[
                    CommitOperationAdd(step.path, step.file.source)
                    if step.file is not None
                    else CommitOperationDelete(step.path, is_folder=False)
                    for step in steps
                ],
                commit_message=message,
                commit_description=description,
                repo_id=repository.repo_id,
                repo_type=repository.kind,
                revision=destination.branch,
                create_pr=destination.pull_request,
                parent_commit=parent,
            )
        return Committed(str(made.oid), str(made.pr_url or made.commit_url))

    def pause(self, attempt: int) -> None:
        """Waits between two attempts at a commit."""
        time.sleep(self._patience.wait(attempt))

    def _ask(self, doing: str, request: Callable[..., T], *values: Any, **options: Any) -> T:
        """Makes a request, again while that may help; uploads are retried by the client itself."""
        with hub_errors(self.endpoint, doing):
            for attempt in range(1, self._patience.attempts):
                try:
                    return request(*values, **options)
                except Exception as error:
                    if not is_transient(error):
                        raise
                    time.sleep(self._patience.wait(attempt, retry_after(error)))
            return request(*values, **options)


def _named(repository: Repository) -> dict[str, str]:
    return {"repo_id": repository.repo_id, "repo_type": repository.kind}


def show_progress(shown: bool) -> None:
    """Shows bars while uploading, or not; HF_HUB_DISABLE_PROGRESS_BARS, when set, decides."""
    if "HF_HUB_DISABLE_PROGRESS_BARS" not in os.environ:
        (enable_progress_bars if shown else disable_progress_bars)()
