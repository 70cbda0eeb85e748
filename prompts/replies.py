"""What a model must reply, as Pydantic models; the strict JSON schemas are made from these.

Numbers carry no ``ge``/``le`` in the schema, since not every endpoint takes those keywords:
validators check them, and a failure goes back to the model in the repair turn.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Reply(BaseModel):
    """A model's reply; fields that were not asked for are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class GlossReply(Reply):
    """The definition of a synset."""

    gloss: str = Field(description="Định nghĩa kiểu từ điển, 8-30 âm tiết")


class ContextsReply(Reply):
    """Sentences for one sense."""

    contexts: list[str] = Field(description="Các câu, mỗi câu có đúng một từ đích trong [[ ]]")


class WordContexts(Reply):
    """Sentences for one lemma of a group."""

    lemma: str = Field(description="Từ đích, viết y nguyên như đã cho")
    contexts: list[str] = Field(description="Các câu, mỗi câu có đúng một từ đích trong [[ ]]")


class GroupedContextsReply(Reply):
    """Sentences for several lemmas of one synset."""

    words: list[WordContexts] = Field(description="Mỗi từ đích một mục")


class JudgeChoice(Reply):
    """The sense chosen for one sentence; 0 is "none of these"."""

    sentence: int = Field(description="Số thứ tự của câu")
    sense: int = Field(description="Số của nghĩa, 0 nếu không nghĩa nào đúng")

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


class JudgeReply(Reply):
    """The senses chosen for the sentences of one request."""

    choices: list[JudgeChoice] = Field(description="Mỗi câu một mục")

    @field_validator("choices")
    @classmethod
    def _one_choice_a_sentence(cls, value: list[JudgeChoice]) -> list[JudgeChoice]:
        seen: set[int] = set()
        for choice in value:
            if choice.sentence in seen:
                raise ValueError(f"sentence {choice.sentence} is answered more than once")
            seen.add(choice.sentence)
        return value
