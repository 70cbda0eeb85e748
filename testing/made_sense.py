"""A sense written by hand with its sentences, and the rows of a release that it makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemas.ids import context_id, sense_id
from schemas.records import Example, InventorySense, Pos, Split


@dataclass(frozen=True, slots=True)
class MadeSense:
    """A sense; in its sentences [[...]] is around the target."""

    synset: str
    pos: Pos
    supersense: str
    lemma: str
    gloss: str
    n_siblings: int
    n_siblings_same_pos: int
    sentences: tuple[str, ...]

    def example(
        self,
        marked: str,
        split: Split,
        judged: Literal["agree", "unjudged"] = "unjudged",
        audited: Literal["good", "unaudited"] = "unaudited",
    ) -> Example:
        """The row of one of its sentences."""
        start, end = marked.index("[["), marked.index("]]") - 2
        sentence = marked.replace("[[", "").replace("]]", "")
        sense = sense_id(self.synset, self.lemma)
        return Example(
            context_id=context_id(sense, sentence, start, end),
            sense_id=sense,
            synset_id=self.synset,
            lemma=self.lemma,
            pos=self.pos,
            supersense=self.supersense,
            sentence=sentence,
            target_start=start,
            target_end=end,
            gloss=self.gloss,
            split=split,
            n_candidates=self.n_siblings + 1,
            n_candidates_same_pos=self.n_siblings_same_pos + 1,
            judged=judged,
            audited=audited,
        )

    def in_inventory(self) -> InventorySense:
        """Its own row."""
        return InventorySense(
            sense_id=sense_id(self.synset, self.lemma),
            synset_id=self.synset,
            lemma=self.lemma,
            pos=self.pos,
            supersense=self.supersense,
            gloss=self.gloss,
            n_siblings=self.n_siblings,
            n_siblings_same_pos=self.n_siblings_same_pos,
            n_contexts=len(self.sentences),
        )
