"""What a grammar of the language calls things, and what it does to words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from schemas.records import Pos


def only_itself(key: str, lemma: str, _: Pos | None) -> bool:
    """Whether two match keys are equal: for languages whose words have one form."""
    return key == lemma


@dataclass(frozen=True, slots=True)
class Grammar:
    """Names for parts of speech and supersenses, and the forms of words."""

    pos_names: Mapping[Pos, str]
    """What the language's own grammars call each part of speech, all of :class:`Pos`."""
    supersenses: Mapping[str, str]
    """What the synsets of each lexicographer file are about, by its name in lower case: the 45 of
    the manual page lexnames(5WN), and adj, adv, conj, interj, prep and pron. Empty for a file
    that says nothing."""
    genera: Mapping[str, str] = field(default_factory=dict)
    """Words for the kind with which definitions of a lexicographer file's nouns may open, by its
    name; none where a good definition names a narrower kind."""
    grammatical: frozenset[str] = frozenset()
    """Match keys of words without which hardly a definition can be written (*and*, *of*); a
    definition is not circular for holding one."""
    is_form: Callable[[str, str, Pos | None], bool] = only_itself
    """Whether a word is a form of a lemma of a part of speech (``drilled`` of the verb ``drill``),
    both as match keys; of any part of speech where none is given."""

    def pos_name(self, pos: Pos | str) -> str:
        """The name of a part of speech."""
        return self.pos_names[Pos(pos)]

    def supersense(self, name: str) -> str:
        """What a lexicographer file is about; empty for one that is not known."""
        return self.supersenses.get(name.casefold(), "")

    def genus(self, name: str) -> str:
        """Words with which definitions of a lexicographer file's nouns may open, or nothing."""
        return self.genera.get(name.casefold(), "")
