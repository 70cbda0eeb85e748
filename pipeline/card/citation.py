"""How to cite a release: by name, version and the hash of its rows."""

from __future__ import annotations

import re

from languages.language import Language
from pipeline.card.facts import CardFacts
from schemas.ids import content_digest


def citation(facts: CardFacts) -> str:
    """A BibTeX entry."""
    manifest = facts.manifest
    # over the rows of all tables, whatever the bytes of their files are
    content = content_digest(*(f"{t.path}\0{t.content_hash}" for t in manifest.tables))
    key = re.sub(r"\W+", "", manifest.name) + re.sub(r"\W+", "_", manifest.version)
    name, version = (re.sub(r"[\s{}`\\]+", " ", t) for t in (manifest.name, manifest.version))
    return (
        f"@misc{{{key},\n"
        f"  title = {{{name}: {kind_of_data(facts.language)}}},\n"
        f"  version = {{{version}}},\n"
        f"  note = {{content {content[:16]}}}\n"
        "}"
    )


def kind_of_data(language: Language) -> str:
    """``a Vietnamese word-sense data set``."""
    name = language.names.english
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name} word-sense data set"
