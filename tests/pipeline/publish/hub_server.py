"""A small Hugging Face Hub on loopback: what the true huggingface_hub client really calls.

It speaks whoami, create, settings, info, refs, tree (in pages), paths-info, preupload, LFS batch
with single and multipart uploads and verification, commit with a parent, pull requests, branches,
tags, and resolve with ranges, where large files are redirected to another host as the Hub does.
Every request is recorded; faults can be laid in its way.
"""

from __future__ import annotations

import base64
import json
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

import yaml

from tests.pipeline.publish.hub_store import (
    ANYBODY,
    LFS_SUFFIXES,
    Account,
    Blob,
    Commit,
    HubStore,
    Repository,
)

TREE_PAGE = 5
KINDS = {"datasets": "dataset", "models": "model", "spaces": "space"}


@dataclass(slots=True)
class Fault:
    """Something that goes wrong for the next ``times`` requests whose line matches ``where``."""

    where: str
    status: int = 500
    times: int = 1
    message: str = "injected"
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None  # bytes of the body that are read before the connection is reset
    after_effect: bool = False  # the request is carried out, its answer is lost
    body: bytes | None = None  # said with status 200 in place of the answer
    hold: threading.Event | None = None  # the request waits for this and is then dropped


class Refusal(Exception):  # noqa: N818 -- an answer, not an error of the server
    """An answer of the Hub that says no."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing of clients that went away: some tests kill them."""


class HubServer:
    """The server; use as a context manager."""

    def __init__(self, *, part_bytes: int | None = None) -> None:
        self.store = HubStore()
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.unknown: list[str] = []
        self.leaked: list[str] = []
        self.part_bytes = part_bytes
        self._http = _Server(("127.0.0.1", 0), _handler(self))
        self.port = self._http.server_address[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.storage = f"http://localhost:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def count(self, pattern: str) -> int:
        """How many requests matched so far."""
        return sum(bool(re.search(pattern, line)) for line in self.requests)

    def tally(self) -> Counter[str]:
        return Counter(self.requests)

    def fault_for(self, line: str) -> Fault | None:
        with self.store.lock:
            for fault in self.faults:
                if fault.times > 0 and re.search(fault.where, line):
                    fault.times -= 1
                    return fault
        return None


def _handler(hub: HubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        server_hub = hub

    return Handler


class _Handler(BaseHTTPRequestHandler):
    server_hub: HubServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    # -- one request -------------------------------------------------------------------------

    def log_message(self, *args: object) -> None:
        """Says nothing: the tests read :attr:`HubServer.requests`."""

    def _serve(self) -> None:
        hub = self.server_hub
        line = f"{self.command} {self.path}"
        hub.requests.append(line)
        fault = hub.fault_for(line)
        if fault is not None and fault.hold is not None:
            fault.hold.wait(60)
            self._reset()
            return
        if fault is not None and fault.cut_after is not None:
            self.rfile.read(min(fault.cut_after, int(self.headers.get("Content-Length") or 0)))
            self._reset()
            return
        self.body = self._read_body()
        if fault is not None and fault.body is not None:
            if fault.after_effect:
                self._route()
            self._send(200, fault.body, {"Content-Type": "application/json"})()
            return
        if fault is not None and not fault.after_effect:
            self._refuse(Refusal(fault.status, fault.message), fault.headers)
            return
        try:
            answer = self._route()
        except Refusal as refusal:
            self._refuse(refusal)
            return
        if fault is not None:
            self._reset()
            return
        answer()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _reset(self) -> None:
        """Breaks the connection so that the client sees it reset."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()
        self.close_connection = True
        self.wfile = open("/dev/null", "wb")  # noqa: SIM115 -- http.server flushes it once more

    def _send(
        self, status: int, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Callable[[], None]:
        def answer() -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            if "Content-Length" not in (headers or {}):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        return answer

    def _json(self, value: object, headers: dict[str, str] | None = None) -> Callable[[], None]:
        body = json.dumps(value).encode()
        return self._send(200, body, {"Content-Type": "application/json", **(headers or {})})

    def _refuse(self, refusal: Refusal, headers: dict[str, str] | None = None) -> None:
        extra = {"X-Error-Message": refusal.message, **(headers or {})}
        if refusal.code:
            extra["X-Error-Code"] = refusal.code
        self._send(refusal.status, json.dumps({"error": refusal.message}).encode(), extra)()

    # -- who asks ----------------------------------------------------------------------------

    def _account(self) -> Account:
        header = self.headers.get("Authorization")
        if header is None:
            return ANYBODY
        account = self.server_hub.store.accounts.get(header.removeprefix("Bearer "))
        if account is None:
            raise Refusal(401, "Invalid credentials in Authorization header")
        return account

    def _repository(self, kind: str, repo_id: str) -> Repository:
        account = self._account()
        repository = self.server_hub.store.repositories.get((kind, repo_id))
        if repository is None or not account.may_read(repository):
            status = 401 if account is ANYBODY else 404
            raise Refusal(status, "Repository not found", "RepoNotFound")
        return repository

    def _writable(self, kind: str, repo_id: str) -> Repository:
        repository = self._repository(kind, repo_id)
        if not self._account().may_write(repo_id.partition("/")[0]):
            raise Refusal(403, "you need write access to this repository")
        return repository

    @staticmethod
    def _commit_of(repository: Repository, revision: str) -> Commit:
        commit = repository.resolve(revision)
        if commit is None:
            raise Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return commit

    # -- routes ------------------------------------------------------------------------------

    def _route(self) -> Callable[[], None]:
        path = urlsplit(self.path).path
        self.query = {
            name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()
        }
        for method, pattern, action in _ROUTES:
            if self.command in method.split("|") and (match := re.fullmatch(pattern, path)):
                values = {name: unquote(value) for name, value in match.groupdict("").items()}
                with self.server_hub.store.lock:
                    return action(self, **values)
        self.server_hub.unknown.append(f"{self.command} {self.path}")
        raise Refusal(404, "Not Found")

    def whoami(self) -> Callable[[], None]:
        account = self._account()
        if account is ANYBODY:
            raise Refusal(401, "Invalid username or password.")
        return self._json(
            {
                "type": "user",
                "id": "0" * 24,
                "name": account.name,
                "fullname": account.name,
                "orgs": [{"name": name, "roleInOrg": "write"} for name in account.organisations],
                "auth": {"type": "access_token", "accessToken": {"role": account.role}},
            }
        )

    def harnesses(self) -> Callable[[], None]:
        """The register of agents that the client looks itself up in, once a day; empty here."""
        return self._json({"standardEnvVars": [], "harnesses": {}})

    def create(self) -> Callable[[], None]:
        account, wanted = self._account(), json.loads(self.body)
        namespace = wanted.get("organization") or account.name
        kind, repo_id = wanted.get("type", "model"), f"{namespace}/{wanted['name']}"
        if not account.may_write(namespace):
            raise Refusal(403, f"You don't have the rights to create a {kind} under {namespace}")
        prefix = "" if kind == "model" else f"{kind}s/"
        known = {"url": f"{self.server_hub.endpoint}/{prefix}{repo_id}"}
        if (kind, repo_id) in self.server_hub.store.repositories:
            body = {"error": f"You already created this {kind} repo", **known}
            return self._send(409, json.dumps(body).encode())
        private = wanted.get("visibility", "public") == "private"
        self.server_hub.store.create(kind, repo_id, private=private)
        return self._json(known)

    def settings(self, kinds: str, repo: str) -> Callable[[], None]:
        repository = self._writable(KINDS[kinds], repo)
        wanted = json.loads(self.body)
        repository.private = wanted.get("visibility", "") == "private" or wanted.get(
            "private", False
        )
        return self._json({"private": repository.private})

    def info(self, kinds: str, repo: str, revision: str = "") -> Callable[[], None]:
        repository = self._repository(KINDS[kinds], repo)
        commit = self._commit_of(repository, revision or "main")
        return self._json(
            {
                "_id": "0" * 24,
                "id": repo,
                "author": repo.partition("/")[0],
                "sha": commit.oid,
                "private": repository.private,
                "gated": False,
                "disabled": False,
                "lastModified": "2026-01-02T03:04:05.000Z",
                "createdAt": "2026-01-02T03:04:05.000Z",
                "tags": [],
                "siblings": [{"rfilename": path} for path in sorted(commit.files)],
            }
        )

    def refs(self, kinds: str, repo: str) -> Callable[[], None]:
        repository = self._repository(KINDS[kinds], repo)

        def listed(prefix: str, refs: dict[str, str]) -> list[dict[str, str]]:
            return [
                {"name": name, "ref": prefix + name, "targetCommit": oid}
                for name, oid in refs.items()
            ]

        answer: dict[str, Any] = {
            "branches": listed("refs/heads/", repository.branches),
            "converts": [],
            "tags": listed("refs/tags/", repository.tags),
        }
        if self.query.get("include_prs"):
            answer["pullRequests"] = listed("", repository.pull_requests)
        return self._json(answer)

    @staticmethod
    def _entry(path: str, blob: Blob) -> dict[str, object]:
        entry: dict[str, object] = {
            "type": "file",
            "oid": blob.oid,
            "size": len(blob.data),
            "path": path,
        }
        if blob.large:
            entry["lfs"] = {
                "oid": blob.sha256,
                "size": len(blob.data),
                "pointerSize": len(blob.pointer),
            }
        return entry

    @staticmethod
    def _folders(files: dict[str, Blob]) -> set[str]:
        parents = {path.rpartition("/")[0] for path in files} - {""}
        return {"/".join(p.split("/")[: n + 1]) for p in parents for n in range(p.count("/") + 1)}

    def tree(self, kinds: str, repo: str, revision: str, folder: str = "") -> Callable[[], None]:
        repository = self._repository(KINDS[kinds], repo)
        files = self._commit_of(repository, revision).files
        folders = self._folders(files)
        if folder and folder not in folders:
            raise Refusal(404, f"{folder} does not exist", "EntryNotFound")
        prefix = f"{folder}/" if folder else ""
        deep = self.query.get("recursive", "").lower() in ("true", "1")

        def here(path: str) -> bool:
            return path.startswith(prefix) and (deep or "/" not in path.removeprefix(prefix))

        entries: list[dict[str, object]] = [
            {"type": "directory", "oid": "0" * 40, "size": 0, "path": path}
            for path in sorted(filter(here, folders))
        ]
        entries += [self._entry(path, files[path]) for path in sorted(filter(here, files))]
        return self._page(entries)

    def _page(self, entries: list[dict[str, object]]) -> Callable[[], None]:
        start = int(self.query.get("cursor", 0))
        end = start + TREE_PAGE
        headers = {}
        if end < len(entries):
            base = urlsplit(self.path).path
            deep = self.query.get("recursive", "false")
            url = f"{self.server_hub.endpoint}{base}?recursive={deep}&cursor={end}"
            headers["Link"] = f'<{url}>; rel="next"'
        return self._json(entries[start:end], headers)

    def paths_info(self, kinds: str, repo: str, revision: str) -> Callable[[], None]:
        repository = self._repository(KINDS[kinds], repo)
        files = self._commit_of(repository, revision).files
        paths = parse_qs(self.body.decode())["paths"]
        entries = [self._entry(path, files[path]) for path in paths if path in files]
        folders = [path for path in paths if path in self._folders(files)]
        entries += [{"type": "directory", "oid": "0" * 40, "size": 0, "path": p} for p in folders]
        return self._json(entries)

    def validate_yaml(self) -> Callable[[], None]:
        content = json.loads(self.body)["content"]
        parts = content.split("---\n")
        try:
            known = yaml.safe_load(parts[1]) if len(parts) > 2 else None
        except yaml.YAMLError as error:
            body = {"errors": [{"message": str(error)}], "warnings": []}
            return self._send(400, json.dumps(body).encode())
        warnings = [] if known else [{"message": "empty or missing yaml metadata in repo card"}]
        return self._json({"warnings": warnings, "errors": []})

    # -- uploads -----------------------------------------------------------------------------

    def preupload(self, kinds: str, repo: str, revision: str) -> Callable[[], None]:
        repository = self._writable(KINDS[kinds], repo)
        files = self._commit_of(repository, revision).files
        answer = []
        for wanted in json.loads(self.body)["files"]:
            path, blob = wanted["path"], files.get(wanted["path"])
            answer.append(
                {
                    "path": path,
                    "uploadMode": "lfs" if path.endswith(LFS_SUFFIXES) else "regular",
                    "shouldIgnore": False,
                    **({"oid": blob.sha256 if blob.large else blob.oid} if blob else {}),
                }
            )
        return self._json({"files": answer})

    def batch(self, kinds: str, repo: str) -> Callable[[], None]:
        self._writable(KINDS.get(kinds.rstrip("/"), "model"), repo)
        answer = []
        for wanted in json.loads(self.body)["objects"]:
            entry: dict[str, Any] = {"oid": wanted["oid"], "size": wanted["size"]}
            if wanted["oid"] not in self.server_hub.store.objects:
                entry["actions"] = self._actions(kinds + repo, wanted["oid"], wanted["size"])
            answer.append(entry)
        return self._json({"transfer": "basic", "objects": answer})

    def _actions(self, where: str, oid: str, size: int) -> dict[str, Any]:
        hub = self.server_hub
        upload: dict[str, Any] = {"href": f"{hub.storage}/upload/{oid}"}
        if hub.part_bytes and size > hub.part_bytes:
            n_parts = -(-size // hub.part_bytes)
            upload["href"] = f"{hub.endpoint}/complete/{oid}"
            upload["header"] = {"chunk_size": str(hub.part_bytes)}
            for number in range(1, n_parts + 1):
                upload["header"][str(number)] = f"{hub.storage}/upload/{oid}/{number}"
        verify = {"href": f"{hub.endpoint}/{where}.git/info/lfs/verify"}
        return {"upload": upload, "verify": verify}

    def upload(self, oid: str, number: str = "") -> Callable[[], None]:
        """Takes the bytes of an object; storage must never be shown the Hub's token."""
        if "Authorization" in self.headers:
            self.server_hub.leaked.append(self.path)
        if number:
            self.server_hub.store.parts[oid, int(number)] = self.body
        else:
            self._keep(oid, self.body)
        return self._send(200, b"", {"ETag": f'"part-{number or 1}"'})

    def complete(self, oid: str) -> Callable[[], None]:
        parts = json.loads(self.body)["parts"]
        data = b"".join(self.server_hub.store.parts[oid, part["partNumber"]] for part in parts)
        self._keep(oid, data)
        return self._json({})

    def _keep(self, oid: str, data: bytes) -> None:
        if Blob(data, large=True).sha256 != oid:
            raise Refusal(400, "the content does not have this hash")
        self.server_hub.store.objects[oid] = data

    def verify(self, kinds: str, repo: str) -> Callable[[], None]:
        wanted = json.loads(self.body)
        data = self.server_hub.store.objects.get(wanted["oid"])
        if data is None or len(data) != wanted["size"]:
            raise Refusal(404, "Object was not found")
        return self._json({})

    def xet_token(self, kinds: str, repo: str, revision: str) -> Callable[[], None]:
        """This Hub has plain LFS only."""
        self._writable(KINDS[kinds], repo)
        raise Refusal(404, "no xet storage here")

    # -- commits and refs --------------------------------------------------------------------

    def commit(self, kinds: str, repo: str, revision: str) -> Callable[[], None]:
        repository = self._writable(KINDS[kinds], repo)
        lines = [json.loads(line) for line in self.body.splitlines()]
        header = lines[0]["value"]
        head = self._commit_of(repository, revision)
        if header.get("parentCommit", head.oid) != head.oid:
            raise Refusal(412, "A commit has happened since. Please refresh and try again.")
        files = dict(head.files)
        for line in lines[1:]:
            self._apply(files, line["key"], line["value"])
        made = repository.commit(head, files, header["summary"])
        prefix = "" if kinds == "models" else f"{kinds}/"
        url = f"{self.server_hub.endpoint}/{prefix}{repo}"
        answer = {"commitUrl": f"{url}/commit/{made.oid}", "commitOid": made.oid}
        if self.query.get("create_pr"):
            answer["pullRequestUrl"] = f"{url}/discussions/{repository.pull_request(made)}"
        else:
            repository.branches[revision] = made.oid
        return self._json(answer)

    def _apply(self, files: dict[str, Blob], key: str, value: dict[str, Any]) -> None:
        path = value["path"]
        if key == "file":
            files[path] = Blob(base64.b64decode(value["content"]), large=False)
        elif key == "lfsFile":
            data = self.server_hub.store.objects.get(value["oid"])
            if data is None:
                raise Refusal(400, f"LFS pointer pointed to a file that does not exist: {path}")
            files[path] = Blob(data, large=True)
        elif key == "deletedFile":
            if path not in files:
                raise Refusal(404, "A file with this name doesn't exist", "EntryNotFound")
            del files[path]
        else:
            raise Refusal(400, f"unknown operation {key}")

    def branch(self, kinds: str, repo: str, name: str) -> Callable[[], None]:
        repository = self._writable(KINDS[kinds], repo)
        if name in repository.branches:
            raise Refusal(409, "Reference already exists")
        start = json.loads(self.body or b"{}").get("startingPoint", "main")
        repository.branches[name] = self._commit_of(repository, start).oid
        return self._json({})

    def tag(self, kinds: str, repo: str, revision: str) -> Callable[[], None]:
        repository = self._writable(KINDS[kinds], repo)
        name = json.loads(self.body)["tag"]
        if name in repository.tags:
            raise Refusal(409, "Tag already exists")
        repository.tags[name] = self._commit_of(repository, revision).oid
        return self._json({})

    # -- downloads ---------------------------------------------------------------------------

    def resolve(self, kinds: str, repo: str, revision: str, path: str) -> Callable[[], None]:
        kind = KINDS.get(kinds.rstrip("/"), "model")
        commit = self._commit_of(self._repository(kind, repo), revision)
        blob = commit.files.get(path)
        headers = {"X-Repo-Commit": commit.oid}
        if blob is None:
            raise Refusal(404, f"{path} does not exist", "EntryNotFound")
        if not blob.large:
            return self._ranged(blob.data, {**headers, "ETag": f'"{blob.oid}"'})
        headers["X-Linked-Size"] = str(len(blob.data))
        headers["X-Linked-ETag"] = f'"{blob.sha256}"'
        headers["Location"] = f"{self.server_hub.storage}/storage/{blob.sha256}?for={quote(path)}"
        self.server_hub.store.objects.setdefault(blob.sha256, blob.data)
        return self._send(302, b"", headers)

    def storage(self, oid: str) -> Callable[[], None]:
        if "Authorization" in self.headers:
            self.server_hub.leaked.append(self.path)
        return self._ranged(self.server_hub.store.objects[oid], {"ETag": f'"{oid}"'})

    def _ranged(self, data: bytes, headers: dict[str, str]) -> Callable[[], None]:
        headers = {**headers, "Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if wanted is None or self.command == "HEAD":
            return self._send(200, data, {**headers, "Content-Length": str(len(data))})
        first, last = wanted.groups()
        start = int(first) if first else max(0, len(data) - int(last))
        end = min(int(last), len(data) - 1) if first and last else len(data) - 1
        if start > end:
            raise Refusal(416, "Range Not Satisfiable")
        headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
        return self._send(206, data[start : end + 1], headers)


_REPO = r"/api/(?P<kinds>datasets|models|spaces)/(?P<repo>[^/]+/[^/]+)"
_GIT = r"/(?P<kinds>(?:datasets/|spaces/)?)(?P<repo>[^/]+/[^/]+)"
_ROUTES: list[tuple[str, str, Callable[..., Callable[[], None]]]] = [
    ("GET", r"/api/whoami-v2", _Handler.whoami),
    ("GET", r"/api/agent-harnesses", _Handler.harnesses),
    ("POST", r"/api/repos/create", _Handler.create),
    ("POST", r"/api/validate-yaml", _Handler.validate_yaml),
    ("PUT", _REPO + r"/settings", _Handler.settings),
    ("GET", _REPO, _Handler.info),
    ("GET", _REPO + r"/revision/(?P<revision>[^/]+)", _Handler.info),
    ("GET", _REPO + r"/refs", _Handler.refs),
    ("GET", _REPO + r"/tree/(?P<revision>[^/]+)(?:/(?P<folder>.+))?", _Handler.tree),
    ("POST", _REPO + r"/paths-info/(?P<revision>[^/]+)", _Handler.paths_info),
    ("POST", _REPO + r"/preupload/(?P<revision>[^/]+)", _Handler.preupload),
    ("GET", _REPO + r"/xet-write-token/(?P<revision>[^/]+)", _Handler.xet_token),
    ("POST", _REPO + r"/commit/(?P<revision>[^/]+)", _Handler.commit),
    ("POST", _REPO + r"/branch/(?P<name>[^/]+)", _Handler.branch),
    ("POST", _REPO + r"/tag/(?P<revision>[^/]+)", _Handler.tag),
    ("POST", _GIT + r"\.git/info/lfs/objects/batch", _Handler.batch),
    ("POST", _GIT + r"\.git/info/lfs/verify", _Handler.verify),
    ("PUT", r"/upload/(?P<oid>[0-9a-f]{64})(?:/(?P<number>\d+))?", _Handler.upload),
    ("POST", r"/complete/(?P<oid>[0-9a-f]{64})", _Handler.complete),
    ("GET|HEAD", _GIT + r"/resolve/(?P<revision>[^/]+)/(?P<path>.+)", _Handler.resolve),
    ("GET|HEAD", r"/storage/(?P<oid>[0-9a-f]{64})", _Handler.storage),
]
