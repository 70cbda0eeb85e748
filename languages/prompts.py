"""How a language model is asked in the language."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ReplyFields:
    """What stands beside each field in the JSON schema of a reply."""

    gloss: str
    number: str
    same_as: str
    glosses: str
    word: str
    choice: str
    contexts: str
    lemma: str
    words: str
    sentence: str
    sense: str
    choices: str
    english: str
    synsets: str
    entry: str
    text: str
    rephrased: str


@dataclass(frozen=True, slots=True)
class PromptSet:
    """The prompt templates, ``ID.vN.j2`` each, and the descriptions of what is to be replied."""

    folder: Path
    reply_fields: ReplyFields
