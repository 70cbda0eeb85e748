"""The catalogue of prompt templates: those of each language, and a user's own files.

A template is one Jinja2 file with two blocks, ``system`` and ``user``. Its name carries its
version: ``glosses.v1.j2``. A template that has been used is not edited; it gets a new version.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template, TemplateSyntaxError, meta, nodes

from languages.language import Language
from prompts.tasks import Task
from schemas.errors import InputError
from schemas.files import explained
from schemas.ids import content_digest
from schemas.text import normalise

BLOCKS = ("system", "user")

_NAME = re.compile(r"(?P<id>[^.]+)\.v(?P<version>\d+)\.j2")
_DIGEST_CHARS = 8


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt template: ``text`` is the template itself, ``source`` where it was read."""

    id: str
    version: str
    text: str
    digest: str
    source: str
    language: Language
    """Whose names of languages, parts of speech and supersenses the filters give."""


def names(language: Language) -> tuple[str, ...]:
    """The templates of a language, as ``glosses.v1``, sorted by id and version."""
    return tuple(path.name.removesuffix(".j2") for path in _built_in(language))


def load(
    name_or_path: str,
    language: Language,
    task: type[Task] | None = None,
    folder: Path | None = None,
) -> Prompt:
    """The template of a name in the language's catalogue, or of a file.

    ``glosses`` is the newest version of a name and ``glosses.v1`` that one; anything with a
    path separator or the ending ``.j2`` is a file, looked for from ``folder`` on. With ``task``
    given, the template may use only the fields of that task. Raises :class:`InputError`, which
    names file and line.
    """
    path = _path(name_or_path, language, folder or Path())
    with explained(path):
        if path.exists() and not path.is_file():
            raise InputError(f"{path}: not a file; give the path of a .j2 file")
        data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: not UTF-8; save the template as UTF-8") from error
    digest = content_digest(text)
    found = _NAME.fullmatch(path.name)
    prompt = Prompt(
        id=found["id"] if found else path.name.removesuffix(".j2"),
        version=f"v{found['version']}" if found else digest[:_DIGEST_CHARS],
        text=text,
        digest=digest,
        source=str(path),
        language=language,
    )
    _check_blocks(prompt)
    if task is not None:
        _check_variables(prompt, task)
    return prompt


@lru_cache(maxsize=32)
def compiled(prompt: Prompt) -> Template:
    """The compiled template; a syntax error becomes an :class:`InputError` with its line."""
    try:
        return _environment(prompt.language).from_string(prompt.text)
    except TemplateSyntaxError as error:
        raise InputError(f"{prompt.source}:{error.lineno}: {error.message}") from error


@lru_cache(maxsize=8)
def _environment(language: Language) -> Environment:
    environment = Environment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        language=language.names.of,
        pos_name=language.grammar.pos_name,
        supersense=language.grammar.supersense,
        genus=language.grammar.genus,
        line=normalise,
    )
    return environment


def _built_in(language: Language) -> list[Path]:
    def key(path: Path) -> tuple[str, int]:
        found = _NAME.fullmatch(path.name)
        return (found["id"], int(found["version"])) if found else (path.name, 0)

    return sorted(language.prompts.folder.glob("*.j2"), key=key)


def _path(name: str, language: Language, folder: Path) -> Path:
    if name.endswith(".j2") or "/" in name or "\\" in name:
        return folder / Path(name).expanduser()
    known = _built_in(language)
    chosen = [path for path in known if name in (path.name.split(".v")[0], path.stem)]
    if not chosen:
        raise InputError(
            f"no prompt is called {name!r}; choose one of {', '.join(names(language))} "
            "or give the path of a .j2 file"
        )
    return chosen[-1]


def _check_blocks(prompt: Prompt) -> None:
    present = compiled(prompt).blocks
    for block in BLOCKS:
        if block not in present:
            raise InputError(
                f"{prompt.source}:1: the block {block!r} is missing; a template has "
                "{% block system %}...{% endblock %} and {% block user %}...{% endblock %}"
            )


def _check_variables(prompt: Prompt, task: type[Task]) -> None:
    tree = _environment(prompt.language).parse(prompt.text)
    known = {field.name for field in fields(task)}
    unknown = meta.find_undeclared_variables(tree) - known
    for name in tree.find_all(nodes.Name):
        if name.name in unknown:
            raise InputError(
                f"{prompt.source}:{name.lineno}: {name.name!r} is not a field of {task.__name__}; "
                f"it has {', '.join(sorted(known))}"
            )
