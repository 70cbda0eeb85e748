"""The kinds of source behind one function."""

from __future__ import annotations

from dataclasses import replace

from languages.language import Language
from pipeline.sources.interface import Lexicon
from pipeline.sources.settings import SourceSettings


def read_source(settings: SourceSettings, language: Language) -> Lexicon:
    """Everything the source holds of a language, as written there.

    Name, address and licence are the source's own unless the settings say otherwise. Raises
    InputError, which names the file and line at fault.
    """
    lexicon = _read(settings, language)
    stated = {key: getattr(settings, key) for key in ("name", "url", "licence")}
    description = replace(
        lexicon.description, **{key: value for key, value in stated.items() if value is not None}
    )
    return replace(lexicon, description=description)


def _read(settings: SourceSettings, language: Language) -> Lexicon:
    path = settings.path.expanduser()
    if settings.kind == "omw":
        from pipeline.sources import omw

        return omw.read_omw_source(path, settings.wordnet, language, settings.prefix or omw.PREFIX)
    if settings.kind == "princeton":
        from pipeline.sources import princeton

        return princeton.read_princeton_source(path, language, settings.prefix or princeton.PREFIX)
    if settings.kind == "lmf":
        from pipeline.sources.lmf import read_lmf_source

        return read_lmf_source(path, language, settings.prefix)
    from pipeline.sources import csv_folder

    return csv_folder.read_csv_source(path, language, settings.prefix)
