"""What the test Hub keeps: repositories, commits, refs and large objects, in memory."""

from __future__ import annotations

import hashlib
import itertools
import threading
from dataclasses import dataclass, field

LFS_SUFFIXES = (".parquet", ".png", ".safetensors", ".bin")
INITIAL_FILES = {".gitattributes": b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"}


@dataclass(frozen=True, slots=True)
class Blob:
    """The content of a file at a commit."""

    data: bytes
    large: bool

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def oid(self) -> str:
        """The git object id: of the content, or of the pointer when the file is large."""
        content = self.pointer if self.large else self.data
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()

    @property
    def pointer(self) -> bytes:
        return (
            f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\n"
            f"size {len(self.data)}\n"
        ).encode()


@dataclass(frozen=True, slots=True)
class Commit:
    """A snapshot of a repository."""

    oid: str
    parent: str | None
    files: dict[str, Blob]
    summary: str


@dataclass(slots=True)
class Repository:
    """A repository of one kind ("dataset", "model" or "space")."""

    kind: str
    repo_id: str
    private: bool
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    pull_requests: dict[str, str] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def resolve(self, revision: str) -> Commit | None:
        """The commit a branch, tag, pull request or (shortened) commit id names."""
        for refs in (self.branches, self.tags, self.pull_requests):
            if revision in refs:
                return self.commits[refs[revision]]
        found = [oid for oid in self.commits if oid.startswith(revision)]
        return self.commits[found[0]] if len(found) == 1 else None

    def commit(self, parent: Commit | None, files: dict[str, Blob], summary: str) -> Commit:
        """Adds a commit; the caller moves the ref."""
        number = next(self._numbers)
        seed = f"{self.kind}/{self.repo_id}/{number}/{summary}"
        oid = hashlib.sha1(seed.encode()).hexdigest()
        made = Commit(oid, parent.oid if parent else None, files, summary)
        self.commits[oid] = made
        return made

    def pull_request(self, made: Commit) -> int:
        """Opens a pull request that carries one commit; returns its number."""
        number = len(self.pull_requests) + 1
        self.pull_requests[f"refs/pr/{number}"] = made.oid
        return number


@dataclass(frozen=True, slots=True)
class Account:
    """Who a token belongs to, and what it may do ("read" or "write")."""

    name: str
    role: str = "write"
    organisations: tuple[str, ...] = ()

    def may_write(self, namespace: str) -> bool:
        return self.role == "write" and namespace in (self.name, *self.organisations)

    def may_read(self, repository: Repository) -> bool:
        namespace = repository.repo_id.partition("/")[0]
        return not repository.private or namespace in (self.name, *self.organisations)


ANYBODY = Account("", role="read")


class HubStore:
    """All repositories, accounts and large objects of one test Hub."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.objects: dict[str, bytes] = {}
        self.parts: dict[tuple[str, int], bytes] = {}
        self.lock = threading.RLock()

    def create(self, kind: str, repo_id: str, *, private: bool) -> Repository:
        """A new repository with the first commit that the Hub makes itself."""
        made = Repository(kind, repo_id, private)
        files = {path: Blob(data, large=False) for path, data in INITIAL_FILES.items()}
        made.branches["main"] = made.commit(None, files, "initial commit").oid
        self.repositories[kind, repo_id] = made
        return made

    def put(self, kind: str, repo_id: str, files: dict[str, bytes | None], summary: str) -> str:
        """A commit on main by somebody else; None deletes a file."""
        repository = self.repositories[kind, repo_id]
        head = repository.commits[repository.branches["main"]]
        tree = dict(head.files)
        for path, data in files.items():
            if data is None:
                del tree[path]
            else:
                tree[path] = Blob(data, large=path.endswith(LFS_SUFFIXES))
        made = repository.commit(head, tree, summary)
        repository.branches["main"] = made.oid
        return made.oid

    def files(self, kind: str, repo_id: str, revision: str = "main") -> dict[str, bytes]:
        """The content of every file at a revision."""
        commit = self.repositories[kind, repo_id].resolve(revision)
        assert commit is not None
        return {path: blob.data for path, blob in commit.files.items()}
