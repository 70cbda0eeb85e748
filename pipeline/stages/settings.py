"""The sections [link], [glosses], [contexts], [judge] and [rephrase] of run.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from languages.find import find_language
from pipeline.checks.rules import ContextRules, GlossRules
from pipeline.llm.settings import EndpointSettings
from pipeline.variety.settings import SlotSettings
from schemas.errors import UsageError
from schemas.records import RephrasedAs, Split

Rounds = Annotated[int, Field(ge=1, le=20)]
Tokens = Annotated[int, Field(ge=1)]
PerSense = Annotated[int, Field(ge=0, le=100)]
Temperature = Annotated[float, Field(ge=0, le=2)]

# What stands in a request body or names its endpoint; all else cannot change a reply.
_DECISIVE = {"model", "temperature", "top_p", "seed", "max_tokens", "structured", "extra_body"}


class AskingSettings(BaseModel):
    """How one stage asks: its prompt, and where it departs from [llm]."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: str
    """A name of the catalogue, or the path of a .j2 file, relative to run.toml."""
    rounds: Rounds
    """How often an item is asked for anew when its replies were rejected, the first included."""
    temperature: Temperature | None = None
    max_tokens: Tokens | None = None

    def endpoint(self, llm: EndpointSettings) -> EndpointSettings:
        """The settings of [llm] with this stage's own in their place."""
        own = {"temperature": self.temperature, "max_tokens": self.max_tokens}
        return llm.model_copy(update={k: v for k, v in own.items() if v is not None})


class LinkSettings(AskingSettings):
    """How synsets find their counterparts in Princeton WordNet 3.0; nothing set: not at all."""

    wordnet: Path | None = None
    """A folder with the database of Princeton WordNet 3.0; by default NLTK's corpus. It is read
    where this, a word list or a question is set."""
    dictionaries: tuple[Path, ...] = ()
    """Bilingual word lists into English: .tsv, .json, .ifo (StarDict) or .tab files."""
    ili: Path | None = None
    """A table of interlingual ids, ``i5062 TAB 02129165-n`` a line."""
    min_confidence: Annotated[float, Field(gt=0, le=1)] = 0.7
    """A link that is less probable is none: no hint in a prompt, no row of the release."""
    equivalents: bool = False
    """Ask a model for the English words of every synset."""
    choose: bool = False
    """Ask a model which candidate it is, where that is not clear."""
    prompt: str = "equivalents"
    choice_prompt: str = "counterpart"
    rounds: Rounds = 2
    per_request: Annotated[int, Field(ge=1, le=50)] = 10
    """Synsets whose English words are asked for together."""
    max_candidates: Annotated[int, Field(ge=1, le=20)] = 10
    """How many candidates a model is shown."""
    clear: Annotated[float, Field(gt=0, le=1)] = 0.9
    """The probability of a candidate from which on no choice is asked for."""
    trust: Annotated[float, Field(gt=0, lt=1)] = 0.7
    """How often the model's choice is right: what it adds to the confidence."""

    @property
    def asks(self) -> bool:
        """Whether a model is asked anything."""
        return self.equivalents or self.choose

    @property
    def looks(self) -> bool:
        """Whether counterparts are looked for, beside those that the source states."""
        return self.asks or self.wordnet is not None or bool(self.dictionaries)


class VerifySettings(AskingSettings):
    """How definitions are read blind, to see whether they tell their synset apart."""

    enabled: bool = False
    """One request more for each definition, two where the first reading is wrong."""
    prompt: str = "verify"
    rounds: Rounds = 2
    """A definition is rejected that is taken for another synset's so many times."""
    candidates: Annotated[int, Field(ge=2, le=30)] = 8
    """Synsets to choose from, the right one included."""
    temperature: Temperature | None = 0.0
    llm: EndpointSettings | None = None
    """A second model; one that did not write the definitions is worth more."""

    def endpoint(self, llm: EndpointSettings) -> EndpointSettings:
        """The readers' own endpoint where they have one, else [llm]."""
        return super().endpoint(self.llm or llm)


class GlossSettings(AskingSettings):
    """How synsets get their glosses."""

    source: Literal["ask", "keep", "rewrite"] = "ask"
    """"keep": the source's own definition in the language of the run, where it passes the checks,
    and a model is asked for the others only; "rewrite": a model puts it into other words."""
    prompt: str = "glosses"
    rounds: Rounds = 3
    per_request: Annotated[int, Field(ge=1, le=40)] = 12
    """Synsets of one lemma that are defined together."""
    max_siblings: Annotated[int, Field(ge=0)] = 12
    """Further synsets of each lemma that a prompt names at most, those of the same part of speech
    first."""
    verify: VerifySettings = VerifySettings()
    rules: GlossRules = GlossRules()


class KindSettings(BaseModel):
    """How many contexts senses of a kind get; None: as many as any other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: PerSense | None = None
    """Lemmas whose words all have capitals: names of people and places."""
    phrase: PerSense | None = None
    """Lemmas that describe their meaning, by the wording of the language."""
    monosemous: PerSense | None = None
    """Lemmas that no other sense has a definition of."""


class ContextSettings(AskingSettings):
    """How senses get their contexts."""

    source: Literal["ask", "keep"] = "ask"
    """"keep": the source's own examples come first, where the lemma stands in them once and they
    pass the checks; a model is asked for what is missing."""
    prompt: str = "contexts"
    group_prompt: str = "contexts_group"
    rounds: Rounds = 3
    which: Literal["all", "ambiguous"] = "all"
    """"ambiguous": only senses of lemmas that have another definition too get contexts."""
    per_sense: Annotated[int, Field(ge=1, le=100)] = 10
    per_kind: KindSettings = KindSettings()
    per_request: Annotated[int, Field(ge=1, le=100)] = 10
    """Sentences that a request asks for, whatever ``per_sense`` is: the requests of a sense are the
    same at every ``per_sense``, which only says how many of them are sent and what is kept."""
    lemmas_per_request: Annotated[int, Field(ge=1, le=20)] = 1
    """Lemmas of one synset that share a request in the first round."""
    max_siblings: Annotated[int, Field(ge=0)] = 12
    """How many glosses of other senses a prompt shows at most."""
    temperature_step: Annotated[float, Field(ge=0, le=1)] = 0.1
    """What each further round adds to the temperature, up to 1."""
    slots: SlotSettings = SlotSettings()
    refill: Annotated[int, Field(ge=0, le=5)] = 0
    """How often what judge and select drop is written again, judged, and selected from."""
    rules: ContextRules = ContextRules()

    @field_validator("slots", mode="before")
    @classmethod
    def _may_be_switched(cls, value: object) -> object:
        return {"on": value} if isinstance(value, bool) else value


class JudgeMember(EndpointSettings):
    """One judge of several: its name, and where and how it is asked."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=40)]
    """On the data card, in votes, and in the labels of requests."""


class JudgeSettings(AskingSettings):
    """How judges choose the sense of each context, blind to the one that was meant."""

    prompt: str = "judge"
    rounds: Rounds = 2
    enabled: bool = True
    together: Literal["lemma", "context"] = "lemma"
    """"lemma" mixes the contexts of a lemma's senses in a request, "context" shows each alone."""
    per_request: Annotated[int, Field(ge=1, le=50)] = 10
    monosemous: bool = True
    """Also judge lemmas with one sense: that sense, or none of these."""
    llm: EndpointSettings | None = None
    """A second model; a judge that did not write the sentences is worth more."""
    members: tuple[JudgeMember, ...] = ()
    """Several judges, in the order in which they are asked; none: one judge, of ``llm``."""
    control: Annotated[float, Field(ge=0, le=1)] = 0.05
    """The share of ambiguous contexts that every judge is asked about, to compare the judges."""

    @model_validator(mode="after")
    def _members_are_told_apart(self) -> Self:
        if self.members and self.llm:
            raise ValueError("members and llm cannot both be given: make llm the first member")
        names = [member.name for member in self.members]
        if len(set(names)) < len(names):
            raise ValueError("each member needs a name of its own")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the judges."""
        return tuple(member.name for member in self.members) or (ONLY_JUDGE,)

    @property
    def size(self) -> int:
        """How many contexts a request shows at most."""
        return 1 if self.together == "context" else self.per_request

    def endpoints(self, llm: EndpointSettings) -> tuple[EndpointSettings, ...]:
        """The endpoints of the judges, in their order; where none is named, [llm].

        What a member says of itself goes before what [judge] says of all.
        """
        if not self.members:
            return (self.endpoint(self.llm or llm),)
        return tuple(
            self.endpoint(member).model_copy(
                update={name: getattr(member, name) for name in member.model_fields_set}
            )
            for member in self.members
        )


class RephraseSettings(AskingSettings):
    """How released sentences are said again, for meaning vectors; of no kind by default."""

    kinds: tuple[RephrasedAs, ...] = ()
    """"paraphrase": in other words; "translation": in the language ``to``."""
    to: str = "en"
    """The code of a language with a folder."""
    prompt: str = "paraphrase"
    translate_prompt: str = "translate"
    rounds: Rounds = 2
    per_sense: Annotated[int, Field(ge=1, le=100)] = 2
    """Sentences of each sense that are rephrased at most."""
    per_request: Annotated[int, Field(ge=1, le=20)] = 5
    """Sentences of one sense that share a request."""
    splits: tuple[Split, ...] = (Split.TRAIN, Split.VALIDATION)
    """The parts whose sentences are rephrased."""

    @field_validator("to")
    @classmethod
    def _has_a_folder(cls, value: str) -> str:
        try:
            return find_language(value).code
        except UsageError as error:
            raise ValueError(str(error)) from error


ONLY_JUDGE = "judge"
"""The name of a judge that has no colleagues."""


def decisive(endpoint: EndpointSettings) -> dict[str, object]:
    """What of an endpoint's settings can change a reply, for fingerprints."""
    decided = {"endpoint": endpoint.endpoint, **endpoint.model_dump(mode="json", include=_DECISIVE)}
    if endpoint.reasoning_tokens:  # left out at its default, which was all there was once
        decided["reasoning_tokens"] = endpoint.reasoning_tokens
    return decided
