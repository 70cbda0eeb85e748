"""What ``viconwsd view`` looks at, from what its command line says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import InputError, UsageError

if TYPE_CHECKING:
    from pipeline.publish.scan import Needles
    from pipeline.view.reading.site import Site

CACHE = ".view"
"""The folder of indexes in a run folder."""


def site_of(
    config_path: Path,
    release: str | None,
    against: Path | None,
    model: Path | None,
    doubts: Path | None,
) -> tuple[Site, list[Path]]:
    """The site, and the folders whose paths must stand on no page."""
    from pipeline.config import load_config
    from pipeline.release.manifest import MANIFEST, ReleaseManifest
    from pipeline.view.index.shelf import Shelf
    from pipeline.view.reading.site import Looked, Site

    folder, config = None, None
    if release is None:
        config = load_config(config_path).path
    else:
        folder = _release(release)
        ReleaseManifest.read(folder)
    for given in (against, model, doubts):
        if given is not None and not given.exists():
            raise InputError(f"{given}: no such file or folder: check the path")
    if against is not None and ((against / MANIFEST).exists() or not _is_run(against)):
        ReleaseManifest.read(against)
    elif against is not None and config is None:
        raise UsageError(f"{against}: a run is compared with a run: name yours with -c")
    elif against is not None:
        load_config(against)
    own = Shelf(config.parent / CACHE if config and _writable(config.parent) else cache_folder())
    site = Site(Looked(config, folder, against, model, doubts), own, Shelf(cache_folder()))
    named = [config.parent if config else None, folder, against, model, doubts, cache_folder()]
    return site, [each for each in named if each is not None]


def _release(given: str) -> Path:
    """A folder, or that of a data set of the Hub, which is fetched once."""
    from pipeline.publish.destination import data_set_at

    folder, named = Path(given), data_set_at(given)
    if folder.exists() or named is None:
        return folder
    from pipeline.publish.fetch import fetch_release
    from pipeline.publish.hub import Hub

    return fetch_release(*named, cache_folder().parent / "hub", Hub())


def needles_of(site: Site, folders: list[Path]) -> Needles:
    """What must stand on no page: these folders, and every secret of the environment.

    Those are variables whose name says so, and those that run.toml takes its keys from.
    """
    from pipeline.binding import all_stages
    from pipeline.publish.scan import Needles
    from pipeline.stages.requests import endpoints_of

    found, config = Needles.of_this_machine(*folders), site.config()
    named = endpoints_of(all_stages(config)) if config else ()
    names = {name for endpoint in named for name in endpoint.key_variables if name}
    keys = (
        (os.environ[name], f"the value of {name}") for name in sorted(names & os.environ.keys())
    )
    return Needles((*found.texts, *((value, what) for value, what in keys if value)))


def require_release(site: Site) -> Path:
    """The folder of the site's release; InputError where there is none."""
    folder = site.release_folder()
    if folder is None:
        raise InputError(f"{site.name()}: no release yet: run the stage release first")
    return folder


def cache_folder() -> Path:
    """Where indexes of releases lie: the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "viconwsd" / "view"


def _is_run(folder: Path) -> bool:
    return (folder / "run.toml").is_file()


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK)
