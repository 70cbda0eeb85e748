"""The records of the data set: one frozen Pydantic model per table row.

A sense is one lemma in one synset. Siblings are the other senses of the same lemma, where two
lemmas are the same when their match keys (:mod:`languages.spelling`) are. A context is a sentence
with the character span of its target.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Pos(StrEnum):
    """Part of speech, as WordNet's lexicographer files group the synsets."""

    NOUN = "noun"
    VERB = "verb"
    ADJ = "adj"
    ADV = "adv"
    OTHER = "other"


class Split(StrEnum):
    """Part of the released examples; the three test parts differ in what training has seen."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST_SEEN = "test_seen"
    TEST_UNSEEN_SENSE = "test_unseen_sense"
    TEST_UNSEEN_LEMMA = "test_unseen_lemma"


class Polysemy(StrEnum):
    """How ambiguous a lemma is: alone, across parts of speech only, or within its own."""

    MONOSEMOUS = "monosemous"
    CROSS_POS = "cross_pos"
    SAME_POS = "same_pos"


NonEmpty = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=0)]
Judged = Literal["agree", "disagree", "unjudged"]
Audited = Literal["good", "bad", "unsure", "unaudited"]


class Record(BaseModel):
    """A table row; equal rows are equal values."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Provenance(Record):
    """Which request made a row: enough to find the raw reply in the ledger."""

    request_key: NonEmpty
    prompt_id: NonEmpty
    prompt_version: NonEmpty
    model: NonEmpty
    sample: Count
    round: Annotated[int, Field(ge=1)]


class SourceText(Record):
    """A definition or an example of the source, and the language that it is in."""

    text: NonEmpty
    language: NonEmpty
    """The run's own by its code (``vi``), another one as the source writes it."""

    @classmethod
    def of(cls, text: str, language: str) -> Self | None:
        """None for an empty text."""
        return cls(text=text, language=language) if text else None

    @classmethod
    def each(cls, texts: Iterable[str], language: str) -> tuple[Self, ...]:
        """Of several texts, empty ones left out."""
        return tuple(cls(text=text, language=language) for text in texts if text)


class Synset(Record):
    """A set of lemmas with one meaning, with whatever the source tells about it."""

    synset_id: NonEmpty
    pos: Pos
    supersense: NonEmpty
    lemmas: Annotated[tuple[NonEmpty, ...], Field(min_length=1)]
    ili: str | None = None
    source_gloss: SourceText | None = None
    hypernyms: tuple[str, ...] = ()
    source_examples: tuple[SourceText, ...] = ()


class Link(Record):
    """A synset's counterpart in Princeton WordNet 3.0, and how sure that is."""

    synset_id: NonEmpty
    ili: str | None
    """The interlingual id, such as ``i5062``; None where no table of them was at hand."""
    princeton: str | None
    """Offset and part of speech, such as ``02129165-n``; None where only the ILI is known."""
    link_confidence: Annotated[float, Field(ge=0, le=1)]
    """The probability that it is the right one; 1: the source says so itself."""
    lemmas: tuple[NonEmpty, ...] = ()
    """Princeton's own, in English and Latin."""
    definition: str | None = None
    """Princeton's own, in English."""
    candidates: Count = 1
    """How many of Princeton's synsets were considered."""


class Sense(Record):
    """One lemma in one synset."""

    sense_id: NonEmpty
    synset_id: NonEmpty
    lemma: NonEmpty
    pos: Pos
    n_siblings: Count
    n_siblings_same_pos: Count


class Gloss(Record):
    """The accepted definition of a synset."""

    synset_id: NonEmpty
    gloss: NonEmpty
    provenance: Provenance | None
    """None: it is the source's own."""
    cluster: str | None = None
    """The first id of the synsets that nothing tells apart from it, its own included; None: it
    stands alone."""


class Target(Record):
    """A sentence with the span of its target; offsets are characters, the end exclusive."""

    sentence: NonEmpty
    target_start: Count
    target_end: Count

    @model_validator(mode="after")
    def _span_lies_inside(self) -> Self:
        if not self.target_start < self.target_end <= len(self.sentence):
            raise ValueError(
                f"span [{self.target_start}:{self.target_end}] is not inside a sentence "
                f"of {len(self.sentence)} characters"
            )
        return self

    @property
    def target(self) -> str:
        """The target as it is written in the sentence."""
        return self.sentence[self.target_start : self.target_end]


class Slot(Record):
    """What a sentence was asked to be like, by the names of :mod:`languages.slots`; a wish.

    ``any``: nothing was asked of it in this.
    """

    number: Annotated[int, Field(ge=1)]
    """Of the sentence among those of its sense."""
    domain: NonEmpty
    style: NonEmpty
    region: NonEmpty
    sentence: NonEmpty
    length: NonEmpty
    function: NonEmpty
    position: NonEmpty
    collocate: NonEmpty


class Context(Target):
    """A sentence that uses a sense."""

    context_id: NonEmpty
    sense_id: NonEmpty
    provenance: Provenance | None
    """None: it is one of the source's own examples."""
    slot: Slot | None = None
    """None: nothing in particular was asked of it."""


class Vote(Record):
    """What one judge chose for a context; None is "none of these"."""

    judge: NonEmpty
    sense_id: str | None


class Verdict(Record):
    """What the judges' votes on a context come to; a chosen sense of None is "none of these"."""

    context_id: NonEmpty
    chosen_sense_id: str | None
    agrees: bool
    """Whether that is the sense the context was written for."""
    votes: Annotated[tuple[Vote, ...], Field(min_length=1)]
    """In the order in which the judges were asked."""
    agreement: Annotated[float, Field(ge=0, le=1)]
    """The share of the votes for the sense that the context was written for."""


class Reject(Record):
    """Anything that was dropped, and why."""

    stage: NonEmpty
    item_id: str
    code: NonEmpty
    detail: str
    text: str
    provenance: Provenance | None = None


class Example(Target):
    """A row of the released config ``examples``."""

    context_id: NonEmpty
    sense_id: NonEmpty
    synset_id: NonEmpty
    lemma: NonEmpty
    pos: Pos
    supersense: NonEmpty
    gloss: NonEmpty
    split: Split
    n_candidates: Annotated[int, Field(ge=1)]
    n_candidates_same_pos: Annotated[int, Field(ge=1)]
    judged: Judged
    audited: Audited
    votes: tuple[Vote, ...] | None = None
    """Of every judge that was asked, in order; None where none gave a valid answer."""
    agreement: float | None = None
    """The share of the votes for ``sense_id``."""
    slot: Slot | None = None


class EnglishContext(Target):
    """A row of the released config ``word_in_context_en``: does the English word mean the same?"""

    pair_id: NonEmpty
    same: bool
    context_id: NonEmpty
    sense_id: NonEmpty
    lemma: NonEmpty
    pos: Pos
    split: Split
    english_sentence: NonEmpty
    english_start: Count
    english_end: Annotated[int, Field(ge=1)]
    english_lemma: NonEmpty
    princeton: NonEmpty
    """The synset of Princeton WordNet whose example the English sentence is."""
    link_confidence: Annotated[float, Field(ge=0, le=1)]
    """Of the link from the context's synset to its counterpart."""


class RephrasedAs(StrEnum):
    """How a sentence says what another one says."""

    PARAPHRASE = "paraphrase"
    TRANSLATION = "translation"


class Rephrasing(Target):
    """A released context in other words or in another language; its target means the same."""

    rephrasing_id: NonEmpty
    kind: RephrasedAs
    language: NonEmpty
    """Of the sentence, as in run.toml."""
    context_id: NonEmpty
    sense_id: NonEmpty
    split: Split
    """That of the context."""
    provenance: Provenance


class InventorySense(Record):
    """A row of the released config ``senses``: every sense, with or without contexts."""

    sense_id: NonEmpty
    synset_id: NonEmpty
    lemma: NonEmpty
    pos: Pos
    supersense: NonEmpty
    gloss: str | None
    n_siblings: Count
    n_siblings_same_pos: Count
    n_contexts: Count
    cluster: str | None = None
    """That of its synset, as :class:`Gloss` has it: a coarse sense."""
    ili: str | None = None
    """These three are its synset's :class:`Link`; None where there is none."""
    princeton: str | None = None
    link_confidence: float | None = None


def same_coarse(synset: str, other: str, cluster_of: Mapping[str, str]) -> bool:
    """Whether two synsets are one coarse sense; ``cluster_of`` knows those that do not stand alone.

    A judge's or a model's choice of the other one counts as right.
    """
    return cluster_of.get(synset, synset) == cluster_of.get(other, other)


def polysemy(n_siblings: int, n_siblings_same_pos: int) -> Polysemy:
    """The polysemy of a sense with so many siblings, of which so many share its POS."""
    if n_siblings_same_pos:
        return Polysemy.SAME_POS
    return Polysemy.CROSS_POS if n_siblings else Polysemy.MONOSEMOUS
