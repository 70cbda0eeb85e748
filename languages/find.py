"""Finds the languages that have a folder, and puts a language together from its folder's parts."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

from languages.language import Language
from schemas.errors import UsageError

PAGE = "docs/languages.md"
"""Where it stands how to add a language."""

_FOLDER = Path(__file__).resolve().parent
_CODE = re.compile(r"[a-z]{2,3}(?:_[a-z0-9]+)*")


def known_languages() -> tuple[str, ...]:
    """The codes of the languages that have a folder, sorted."""
    return tuple(
        sorted(folder.name for folder in _FOLDER.iterdir() if (folder / "__init__.py").is_file())
    )


@cache
def find_language(code: str) -> Language:
    """The language of a code such as ``vi`` or ``vi-VN``.

    Raises UsageError for one without a folder, with the list of those that have one, and for a
    folder that lacks a part, with its name.
    """
    name = code.replace("-", "_").lower()
    for folder in (name, name.partition("_")[0]):
        if _CODE.fullmatch(folder) and folder in known_languages():
            return _assembled(folder)
    raise UsageError(
        f"no folder for the language {code!r}; there are {', '.join(known_languages())}; "
        f"{PAGE} says how to add one"
    )


def _assembled(code: str) -> Language:
    parts: dict[str, Any] = {}
    lacking = []
    kinds = get_type_hints(Language)
    for part in fields(Language):
        if part.name == "code":
            continue
        module, constant = f"languages.{code}.{part.name}", part.name.upper()
        found = getattr(_imported(module), constant, None) if find_spec(module) else None
        if isinstance(found, kinds[part.name]):
            parts[part.name] = found
        else:
            lacking.append(f"{part.name}.py with {constant}, a {kinds[part.name].__name__}")
    if lacking:
        raise UsageError(f"languages/{code} lacks {'; '.join(lacking)}: see {PAGE}")
    return Language(code, **parts)


def _imported(module: str) -> ModuleType:
    try:
        return import_module(module)
    except Exception as error:  # whatever a folder's author wrote
        where = f"{module.replace('.', '/')}.py"
        raise UsageError(f"{where}: {type(error).__name__}: {error}: see {PAGE}") from error
