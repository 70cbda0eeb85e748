"""What a model must reply, as Pydantic models; the strict JSON schemas are made from these.

The models here say nothing of their fields; :func:`described` gives a model the descriptions of
a language. Numbers carry no ``ge``/``le`` in the schema, since not every endpoint takes those
keywords: validators check them, and a failure goes back to the model in the repair turn.
"""

from __future__ import annotations

from functools import cache
from types import GenericAlias
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator

from languages.prompts import ReplyFields


class ReplyModel(BaseModel):
    """A model's reply; fields that were not asked for are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


R = TypeVar("R", bound=ReplyModel)


class SynsetGloss(ReplyModel):
    """The definition of one synset; without one, ``same_as`` is the number of its like.

    Where both are empty (0), no sense could be made of the synset.
    """

    number: int
    gloss: str
    same_as: int

    @field_validator("number")
    @classmethod
    def _counts_from_one(cls, value: int) -> int:
        if value < 1:
            raise ValueError(f"synsets are numbered from 1, not {value}")
        return value


class GlossesReply(ReplyModel):
    """The definitions of the synsets of one request."""

    glosses: list[SynsetGloss]

    @field_validator("glosses")
    @classmethod
    def _one_of_each(cls, value: list[SynsetGloss]) -> list[SynsetGloss]:
        seen: set[int] = set()
        for entry in value:
            if entry.number in seen:
                raise ValueError(f"synset {entry.number} is defined more than once")
            seen.add(entry.number)
        return value


class VerifyReply(ReplyModel):
    """The word that a definition brings to mind, and the candidate it is of; 0: of none."""

    word: str
    choice: int


class ContextsReply(ReplyModel):
    """Sentences for one sense."""

    contexts: list[str]


class WordContexts(ReplyModel):
    """Sentences for one lemma of a group."""

    lemma: str
    contexts: list[str]


class GroupedContextsReply(ReplyModel):
    """Sentences for several lemmas of one synset."""

    words: list[WordContexts]


class JudgeChoice(ReplyModel):
    """The sense chosen for one sentence; 0 is "none of these"."""

    sentence: int
    sense: int

    @field_validator("sentence")
    @classmethod
    def _counts_from_one(cls, value: int) -> int:
        if value < 1:
            raise ValueError(f"sentences are numbered from 1, not {value}")
        return value

    @field_validator("sense")
    @classmethod
    def _is_zero_or_a_number(cls, value: int) -> int:
        if value < 0:
            raise ValueError(f"senses are numbered from 1, and 0 is none of them; not {value}")
        return value


class JudgeReply(ReplyModel):
    """The senses chosen for the sentences of one request."""

    choices: list[JudgeChoice]

    @field_validator("choices")
    @classmethod
    def _one_choice_a_sentence(cls, value: list[JudgeChoice]) -> list[JudgeChoice]:
        seen: set[int] = set()
        for choice in value:
            if choice.sentence in seen:
                raise ValueError(f"sentence {choice.sentence} is answered more than once")
            seen.add(choice.sentence)
        return value


class RephrasedSentence(ReplyModel):
    """One sentence in other words, or in another language."""

    sentence: int
    text: str

    @field_validator("sentence")
    @classmethod
    def _counts_from_one(cls, value: int) -> int:
        if value < 1:
            raise ValueError(f"sentences are numbered from 1, not {value}")
        return value


class RephraseReply(ReplyModel):
    """The sentences of one request, rephrased or translated."""

    rephrased: list[RephrasedSentence]


class SynsetEquivalents(ReplyModel):
    """English words for one synset; none where none is known."""

    number: int
    english: list[str]


class EquivalentsReply(ReplyModel):
    """English words for the synsets of one request."""

    synsets: list[SynsetEquivalents]

    @field_validator("synsets")
    @classmethod
    def _counted_from_one_and_each_once(
        cls, value: list[SynsetEquivalents]
    ) -> list[SynsetEquivalents]:
        numbers = [answer.number for answer in value]
        if any(number < 1 for number in numbers) or len(set(numbers)) < len(numbers):
            raise ValueError(f"groups are numbered from 1, each is answered once; not {numbers}")
        return value


class CounterpartReply(ReplyModel):
    """The number of the counterpart; 0 is "none of these"."""

    entry: int

    @field_validator("entry")
    @classmethod
    def _is_not_negative(cls, value: int) -> int:
        if value < 0:
            raise ValueError(f"entries are numbered from 1, and 0 is none of them; not {value}")
        return value


@cache
def described(reply: type[R], said: ReplyFields) -> type[R]:
    """The reply model, its schema saying of each field what a language says of it."""
    fields: dict[str, Any] = {
        name: (_described_type(field.annotation, said), Field(description=getattr(said, name)))
        for name, field in reply.model_fields.items()
    }
    return create_model(reply.__name__, __base__=reply, __doc__=reply.__doc__, **fields)


def _described_type(annotation: Any, said: ReplyFields) -> Any:
    """The type of a field, the models in a list described too."""
    for inner in get_args(annotation):
        if isinstance(inner, type) and issubclass(inner, ReplyModel):
            return GenericAlias(list, described(inner, said))
    return annotation
