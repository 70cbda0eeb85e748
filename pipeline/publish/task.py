"""What is to be published: a release or a model, copied and checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.publish.destination import Kind
from pipeline.publish.files import LocalFile, copied, list_files
from pipeline.publish.model import check_model, is_part_of_a_model
from pipeline.publish.release import check_release
from pipeline.publish.scan import Needles, refuse_findings, scan_files
from pipeline.release.manifest import MANIFEST, ReleaseManifest
from schemas.errors import InputError
from schemas.files import explained
from schemas.shown import printable

PAGES = "pages"
"""The folder of a release's pages in its repository."""


@dataclass(frozen=True, slots=True)
class PublishingTask:
    """Checked files, and the folder that remembers commits of them."""

    kind: Kind
    files: tuple[LocalFile, ...]
    message: str
    memory: Path


@contextmanager
def release_task(
    folder: Path, say: Callable[[str], None], pages: Callable[[Path, Path], None] | None = None
) -> Iterator[PublishingTask]:
    """A release folder; the files exist until the ``with`` block ends.

    ``pages`` writes the pages of a release, its first argument, into a folder: they go out with it.
    """
    if not _holds(folder, MANIFEST):
        raise InputError(f"{folder}: no finished release here; run the stage `release` first")
    say(f"checking {folder}")
    beside = folder.resolve().parent
    with copied(folder) as copy:
        needles = Needles.of_this_machine(beside, folder)
        files = check_release(copy, needles)
        manifest = ReleaseManifest.read(copy)
        message = f"Release {manifest.name} {manifest.version}"
        if pages is None:
            yield PublishingTask("dataset", files, message, beside / "publish")
            return
        with TemporaryDirectory(prefix="viconwsd-pages-") as temporary:
            place = Path(temporary) / PAGES
            pages(copy, place)
            made = [replace(file, path=f"{PAGES}/{file.path}") for file in list_files(place)]
            refuse_findings(scan_files(made, needles))
            yield PublishingTask("dataset", (*files, *made), message, beside / "publish")


@contextmanager
def model_task(folder: Path, say: Callable[[str], None]) -> Iterator[PublishingTask]:
    """A model folder, of which only what a model is made of goes out."""
    if not _holds(folder, "config.json"):
        raise InputError(f"{folder}: no config.json, so no trained model; run `viconwsd train`")
    say(f"checking {folder}")
    name = printable(folder.resolve().name)
    with copied(folder, is_part_of_a_model) as copy:
        files = check_model(copy, name, Needles.of_this_machine(folder))
        left = sorted(
            {path.name for path in folder.iterdir() if not path.name.startswith(".")}
            - {file.path for file in files}
        )
        if left:
            say(f"not part of a model, left at home: {', '.join(left)}")
        yield PublishingTask("model", files, f"Model {name}", folder.resolve().parent / "publish")


def _holds(folder: Path, name: str) -> bool:
    with explained(folder):
        return (folder / name).is_file()
