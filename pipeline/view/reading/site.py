"""What a view looks at: a run, a release, or both; asked anew by every page, kept for a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from audits.figures import ReleaseAudits
from languages.find import find_language
from languages.language import Language
from pipeline.card.audit import read_audits
from pipeline.config import RunConfig, load_config
from pipeline.engine.shards import REJECTS
from pipeline.release.manifest import MANIFEST, ReleaseManifest
from pipeline.select.records import SelectedContext
from pipeline.view.index.queries import Index
from pipeline.view.index.shelf import Shelf, opened
from pipeline.view.index.tables import RowTables, Stages, Tables
from pipeline.view.reading.doubts import Doubts, DoubtsFile, newest_predictions
from pipeline.view.reading.jobs import Jobs
from pipeline.view.reading.run_state import RunState, read_run
from schemas.errors import InputError
from schemas.ids import content_digest
from schemas.records import Context, Example

T = TypeVar("T")
FRESH_S = 1.0
"""How long what was read of a run is taken for true: a page asks several times."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a view was asked to look at, by its paths."""

    config: Path | None
    release: Path | None = None
    """Instead of the run's."""
    against: Path | None = None
    """A release or the folder of a run to compare with."""
    model: Path | None = None
    doubts: Path | None = None
    """A .csv of context_id,probability."""


@dataclass(slots=True)
class Site:
    """Reads what a view looks at; safe for several threads."""

    looked: Looked
    shelf: Shelf
    other_shelf: Shelf
    jobs: Jobs = field(default_factory=Jobs)
    _kept: dict[str, tuple[float, Any]] = field(default_factory=dict)
    _other: Site | None = None
    _doubts_file: DoubtsFile = field(default_factory=DoubtsFile)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def config(self) -> RunConfig | None:
        """run.toml as it is now; None where a release alone is looked at."""
        path = self.looked.config
        return None if path is None else self._fresh("config", lambda: load_config(path))

    def run(self) -> RunState | None:
        """The state of the run, if there is one."""
        config = self.config()
        return None if config is None else self._fresh("run", lambda: read_run(config))

    def release_folder(self) -> Path | None:
        """Where the release lies; None where there is none yet."""
        config = self.config()
        folder = self.looked.release or (config.release_folder if config else None)
        return folder if folder is not None and (folder / MANIFEST).exists() else None

    def manifest(self) -> ReleaseManifest | None:
        """The release's manifest, if there is a release."""
        folder = self.release_folder()
        if folder is None:
            return None
        return self._fresh("manifest", lambda: ReleaseManifest.read(folder))

    def audits(self) -> ReleaseAudits | None:
        """The figures of the release's audits."""
        folder = self.release_folder()
        return None if folder is None else self._fresh("audits", lambda: read_audits(folder))

    def language(self) -> Language:
        """Of the words."""
        manifest, config = self.manifest(), self.config()
        if manifest is not None:
            return find_language(manifest.language)
        return config.language if config else find_language("vi")

    def name(self) -> str:
        """What is looked at, without a path."""
        manifest = self.manifest()
        if manifest is not None:
            return f"{manifest.name} {manifest.version}"
        folder = self.looked.config.resolve().parent if self.looked.config else None
        return folder.name if folder else "viconwsd"

    def tables(self) -> Tables:
        """What the index is made from now."""
        return self._fresh("tables", self._tables)

    @contextmanager
    def index(self) -> Iterator[Index]:
        """The index, open; NotReadyError while it is made."""
        tables = self.tables()
        with opened(self.index_path()) as file:
            yield Index(file, tables.language)

    def index_path(self) -> Path:
        """The index; NotReadyError while it is made."""
        return self.shelf.require(self.tables(), self.doubts().of)

    def other(self) -> Site | None:
        """What this is compared with, to be looked at in the same way; None without ``against``."""
        folder = self.looked.against
        if folder is None:
            return None
        with self._lock:
            if self._other is None:
                is_run = (folder / "run.toml").is_file() and not (folder / MANIFEST).exists()
                config = load_config(folder).path if is_run else None
                looked = Looked(config, None if is_run else folder)
                self._other = Site(looked, self.other_shelf, self.other_shelf)
            return self._other

    def doubts(self) -> Doubts:
        """A model's probability of each row's sense: as named, else the run's newest evaluation."""
        config, path = self.config(), self.looked.doubts
        if path is None and config is not None and not self.looked.release:
            path = newest_predictions(config.folder)
        return self._fresh("doubts", lambda: self._doubts_file.read(path))

    def model_folder(self) -> Path | None:
        """Where a trained model lies, if there is one."""
        config = self.config()
        folder = self.looked.model or (config.folder / "model" if config else None)
        return folder if folder is not None and folder.is_dir() else None

    def ledger(self) -> Path | None:
        """The ledger of the run, whether or not it is there."""
        config = self.config()
        return config.folder / "ledger.sqlite" if config else None

    def _tables(self) -> Tables:
        folder, manifest, run = self.release_folder(), self.manifest(), self.run()
        rejects = _rejects(run) if run and not self.looked.release else ()
        marks = [self.doubts().digest, *(mark for _, _, mark in rejects)]
        dropped = tuple((stage, path) for stage, path, _ in rejects)
        if folder is not None and manifest is not None:
            return release_tables(folder, manifest, "".join(marks), dropped)
        if run is None:
            raise InputError(f"{self.looked.release}: no release here: no {MANIFEST}")
        stages, rows, inputs = _of_run(run)
        config = self.config()
        wanted = getattr(getattr(config, "contexts", None), "per_sense", 0)
        identity = content_digest(*marks, *inputs)
        return Tables(self.language(), identity, (), stages, rows, dropped, wanted)

    def _fresh(self, name: str, read: Callable[[], T]) -> T:
        with self._lock:
            now = time.monotonic()
            kept = self._kept.get(name)
            if kept is None or now - kept[0] > FRESH_S:
                found = read()
                kept = self._kept[name] = (time.monotonic(), found)
            value: T = kept[1]
            return value


def release_tables(
    folder: Path,
    manifest: ReleaseManifest,
    more: str = "",
    rejects: tuple[tuple[str, Path], ...] = (),
) -> Tables:
    """The tables of a release; ``more`` is what else its index depends on."""

    def files(table: str) -> tuple[Path, ...]:
        return tuple(folder / file.path for file in manifest.files_of(table))

    hashes = (file.content_hash for file in manifest.tables)
    return Tables(
        find_language(manifest.language),
        content_digest(more, *hashes),
        files("senses"),
        None,
        RowTables(files("examples"), Example, files("example_provenance")),
        rejects,
        manifest.coverage.wanted,
    )


def _rejects(run: RunState) -> tuple[tuple[str, Path, str], ...]:
    """The table of rejects of every stage that is done, with the hash of its content."""
    return tuple(
        (stage.name, stage.upstream.table(REJECTS), entry.content_hash)
        for stage in run.stages
        if stage.upstream and (entry := stage.upstream.manifest.tables.get(REJECTS))
    )


def _of_run(run: RunState) -> tuple[Stages | None, RowTables, list[str]]:
    """The senses and the rows of a run without a release, as far as its stages are done."""
    source, glosses, links = (run.output(name) for name in ("synsets", "glosses", "link"))
    if source is None:
        return None, RowTables((), Example), []
    stages = Stages(
        source.table("synsets"),
        source.table("senses"),
        glosses.table("glosses") if glosses else None,
        links.table("links") if links else None,
    )
    read, rows = [source, glosses, links], RowTables((), Context)
    for name, table, record in (
        ("select", "selected", SelectedContext),
        ("contexts", "contexts", Context),
    ):
        found = run.output(name)
        if found is not None:
            rows = RowTables((found.table(table),), record)
            read.append(found)
            break
    return stages, rows, [each.manifest.output_hash for each in read if each]
