"""The run folder: where stages leave their output, and the lock of the one process at work.

::

    run.toml
    ledger.sqlite                     every reply that was ever paid for
    batches/                          files of batches that are on their way
    run.lock
    at-work.json                      what a run told last of itself
    last-run.json                     what the last `run` was told beside run.toml
    stages/<stage>/<fingerprint>/     tables, rejects.parquet, manifest.json
    release/                          the data set (a copy of the latest release stage)
    audits/  model/
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict

from pipeline.engine.manifest import StageManifest, read_stage_manifest
from schemas.errors import StorageError
from schemas.files import explained, read_json, replacing_folder, write_text

_LAST_RUN = "last-run.json"


class LastRun(BaseModel):
    """What the last ``run`` was told beside run.toml, and what it made depends on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: int | None = None


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of one run."""

    path: Path

    @property
    def ledger(self) -> Path:
        """The SQLite file with every reply."""
        return self.path / "ledger.sqlite"

    @property
    def batches(self) -> Path:
        """What was handed out and is not yet read."""
        return self.path / "batches"

    @property
    def release(self) -> Path:
        """The data set."""
        return self.path / "release"

    def stage(self, name: str, fingerprint: str) -> Path:
        """The output folder of a stage; complete if it holds a manifest."""
        return self.path / "stages" / name / fingerprint

    def shards(self, name: str, fingerprint: str, attempts: int) -> Path:
        """Where the shards of a stage lie until it is complete."""
        return self.path / "stages" / name / f".{fingerprint}.shards-{attempts}"

    def outputs(self, name: str) -> list[StageManifest]:
        """The manifests of the stage's complete outputs, in the order of their fingerprints."""
        folder = self.path / "stages" / name
        with explained(folder):
            found = sorted(folder.iterdir()) if folder.is_dir() else []
        manifests = (read_stage_manifest(path) for path in found if not path.name.startswith("."))
        return [manifest for manifest in manifests if manifest is not None]

    def last_run(self) -> LastRun:
        """What the last ``run`` was told beside run.toml."""
        path = self.path / _LAST_RUN
        if not path.exists():
            return LastRun()
        return read_json(path, LastRun, "a note of the last run", "delete it and run again")

    def remember(self, run: LastRun) -> None:
        """Notes what a ``run`` was told, so that `status` and others look at what it made."""
        write_text(self.path / _LAST_RUN, run.model_dump_json() + "\n")

    @contextmanager
    def new_output(self, name: str, fingerprint: str) -> Iterator[Path]:
        """An empty folder that becomes the stage's output when the body ends well.

        What a run that was killed had written is removed first; the replies it had paid for
        are in the ledger.
        """
        with replacing_folder(self.stage(name, fingerprint)) as output:
            yield output

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the run folder for this process; refused while another one holds it."""
        holder = self.path / "run.lock"
        with explained(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(holder, timeout=0)
            try:
                lock.acquire()
            except Timeout:
                raise StorageError(
                    f"{self.path}: another process{_pid(self.path)} is at work on this run; wait "
                    "for it, or stop it and run again"
                ) from None
        try:
            with explained(holder):
                _pid_file(self.path).write_text(f"{os.getpid()}\n", encoding="utf-8")
            yield
        finally:
            with suppress(OSError):  # it only tells others who holds the lock
                _pid_file(self.path).unlink(missing_ok=True)
            lock.release()


def _pid_file(folder: Path) -> Path:
    return folder / "run.pid"


def _pid(folder: Path) -> str:
    try:
        return f" ({_pid_file(folder).read_text(encoding='utf-8').strip()})"
    except OSError:
        return ""
