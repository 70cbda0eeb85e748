"""The four sources behind one function."""

from __future__ import annotations

from dataclasses import replace

from pipeline.sources.interface import Lexicon
from pipeline.sources.settings import SourceSettings


def read_source(settings: SourceSettings) -> Lexicon:
    """Everything the source holds, as written there; InputError names the file and line at fault.

    Name, address and licence are the source's own unless the settings say otherwise.
    """
    lexicon = _read(settings)
    stated = {key: getattr(settings, key) for key in ("name", "url", "licence")}
    description = replace(
        lexicon.description, **{key: value for key, value in stated.items() if value is not None}
    )
    return replace(lexicon, description=description)


def _read(settings: SourceSettings) -> Lexicon:
    path = settings.path.expanduser()
    if settings.kind == "omw":
        from pipeline.sources import omw

        return omw.read_omw_source(path, settings.wordnet, settings.prefix or omw.PREFIX)
    if settings.kind == "lmf":
        from pipeline.sources.lmf import read_lmf_source

        return read_lmf_source(path, settings.prefix)
    from pipeline.sources import csv_folder

    return csv_folder.read_csv_source(path, settings.prefix or csv_folder.PREFIX)
