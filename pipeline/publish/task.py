"""What is to be published, found from the command line's choices: a release or a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.publish.files import LocalFile
from pipeline.publish.model import checked_model
from pipeline.publish.release import check_release
from pipeline.publish.repository import Kind
from pipeline.publish.scan import Needles
from pipeline.publish.settings import PublishSettings
from pipeline.release.manifest import ReleaseManifest
from schemas.errors import UsageError


@dataclass(frozen=True, slots=True)
class Task:
    """Checked files with the settings and the memory that belong to them."""

    kind: Kind
    files: tuple[LocalFile, ...]
    message: str
    settings: PublishSettings
    memory: Path
    """The folder that remembers commits."""

    def repo_id(self, asked: str | None) -> str:
        """The repository that was asked for, or that of the configuration."""
        found = asked or (self.settings.repo if self.kind == "dataset" else None)
        if found is None:
            raise UsageError("which repository? give --repo USER/NAME")
        if found.count("/") != 1 or not all(found.split("/")):
            raise UsageError(f"--repo {found}: a repository is USER/NAME")
        return found


@contextmanager
def open_task(
    config_path: Path,
    release_folder: Path | None,
    model_folder: Path | None,
    *,
    say: Callable[[str], None],
) -> Iterator[Task]:
    """The task, checked; files made for it exist until the ``with`` block ends."""
    if release_folder is not None and model_folder is not None:
        raise UsageError("--release and --model exclude each other: publish one after the other")
    if model_folder is not None:
        with _model_task(model_folder) as task:
            yield task
    elif release_folder is not None:
        memory = release_folder.resolve().parent / "publish"
        yield _release_task(release_folder, PublishSettings(), memory, say)
    else:
        from pipeline.config import load_config

        config = load_config(config_path)
        memory = config.folder / "publish"
        yield _release_task(config.release_folder, config.publish, memory, say)


def _release_task(
    folder: Path, settings: PublishSettings, memory: Path, say: Callable[[str], None]
) -> Task:
    say(f"checking {folder}")
    files = check_release(folder, Needles.of_this_machine(memory.parent, folder))
    manifest = ReleaseManifest.read(folder)
    message = f"Release {manifest.name} {manifest.version}"
    return Task("dataset", files, message, settings, memory)


@contextmanager
def _model_task(folder: Path) -> Iterator[Task]:
    with checked_model(folder, Needles.of_this_machine(folder)) as files:
        memory = folder.resolve().parent / "publish"
        yield Task("model", files, f"Model {folder.resolve().name}", PublishSettings(), memory)
