"""What a model is told of a text that a check found wrong, in the language of the prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Findings:
    """One line for each code of each family of checks, with places for what was found.

    ``{found}`` is the piece of the text that the rule found. Rules on length have ``{length}``,
    ``{least}`` and ``{most}``; ``target_altered`` and ``target_missing`` have ``{lemma}``,
    ``target_in_longer_word`` has ``{target}``, ``target_marked_twice`` and
    ``several_sentences`` have ``{number}``.
    """

    of_gloss: Mapping[str, str]
    of_context: Mapping[str, str]
    misread: str
    """That a reader of the definition alone took it for ``{found}``, another synset's lemmas."""
    no_like: str
    """That it was called the same as group ``{found}``, which it cannot be."""
    copied: str
    """That it stands too near to a text that is there already: it shares ``{found}`` with it."""
    meaning_lost: str
    """That a blind reader of a rephrased sentence took its target for another sense."""
    untranslated: str
    """That the target of a translation, ``{found}``, is still that of the sentence."""
    quoted: str = "“{text}”: {reason}"
    """How a rejected text and the reason stand in the next prompt."""
