"""A release folder before it is published: whole, unchanged, described, and nothing else in it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from pipeline.card.audit import AUDIT, require_anonymous
from pipeline.card.croissant import CROISSANT
from pipeline.card.plots import FOLDER as PLOTS
from pipeline.card.render import README, compose_card
from pipeline.publish.files import LocalFile, list_files
from pipeline.publish.scan import Needles, refuse_findings, scan_files
from pipeline.release.manifest import MANIFEST, ReleaseManifest
from schemas.errors import InputError, StorageError
from schemas.tables import opened_parquet

_PROVENANCE = {"examples": "example_provenance", "senses": "gloss_provenance"}
_OTHERS = frozenset({README, CROISSANT, MANIFEST, AUDIT, "LICENSE"})


def check_release(folder: Path, needles: Needles) -> tuple[LocalFile, ...]:
    """The files to publish, after every check; the first fault is raised.

    Checked are: each file of the manifest with its size and hash, the provenance tables, that the
    card is the one the manifest gives, that the audit names nobody, that nothing else lies in the
    folder, and that no secret and no path of this machine stands in any file.
    """
    manifest = ReleaseManifest.read(folder)
    files = list_files(folder)
    _check_tables(folder, manifest, {file.path: file for file in files})
    _check_provenance(folder, manifest)
    _check_strangers(folder, manifest, files)
    require_anonymous(folder)
    _check_card(folder)
    refuse_findings(scan_files(files, needles))
    return files


def _check_tables(folder: Path, manifest: ReleaseManifest, files: dict[str, LocalFile]) -> None:
    for table in manifest.tables:
        found = files.get(table.path)
        if found is None:
            raise StorageError(f"{folder / table.path}: missing; run the stage `release` again")
        if (found.size, found.sha256) != (table.bytes, table.sha256):
            raise StorageError(
                f"{folder / table.path}: changed since it was written; "
                "run the stage `release` again"
            )


def _check_provenance(folder: Path, manifest: ReleaseManifest) -> None:
    """Every example and every gloss must be traceable to its request."""
    present = {file.table for file in manifest.tables}
    for table, provenance in _PROVENANCE.items():
        if table in present and provenance not in present:
            raise StorageError(
                f"{folder}: the table {provenance} is missing, so rows of {table} cannot be "
                "traced; run the stage `release` again"
            )
    if _ids(folder, manifest, "examples") != _ids(folder, manifest, "example_provenance"):
        raise StorageError(
            f"{folder}: the rows of examples are not those of example_provenance; "
            "run the stage `release` again"
        )


def _ids(folder: Path, manifest: ReleaseManifest, table: str) -> tuple[int, int]:
    """How many context ids a table has, and the sum of their hashes, whatever their order."""
    count = total = 0
    for file in manifest.files_of(table):
        with opened_parquet(folder / file.path) as opened:
            for batch in opened.iter_batches(1 << 14, columns=["context_id"], use_threads=False):
                count += batch.num_rows
                total += sum(map(hash, batch.column(0).to_pylist()))
    return count, total


def _check_strangers(folder: Path, manifest: ReleaseManifest, files: tuple[LocalFile, ...]) -> None:
    known = _OTHERS | {table.path for table in manifest.tables}
    for file in files:
        path = PurePosixPath(file.path)
        if file.path not in known and not (str(path.parent) == PLOTS and path.suffix == ".png"):
            raise InputError(
                f"{folder / file.path}: not part of the release; move it out of the folder"
            )


def _check_card(folder: Path) -> None:
    """The text must be what the manifest gives; pictures may differ in bytes between machines."""
    card = compose_card(folder)
    texts = {README: card.readme.encode(), CROISSANT: card.beside[CROISSANT]}
    for name, wanted in texts.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != wanted:
            raise InputError(
                f"{path}: not the card that {MANIFEST} gives (edited, or older than an audit); "
                "run `viconwsd card`"
            )
    drawn = {f"{PLOTS}/{path.name}" for path in (folder / PLOTS).glob("*.png")}
    if drawn != card.beside.keys() - {CROISSANT}:
        raise InputError(f"{folder / PLOTS}: not the card's pictures; run `viconwsd card`")
