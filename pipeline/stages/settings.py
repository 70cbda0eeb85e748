"""The sections [glosses], [contexts] and [judge] of run.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipeline.checks.rules import ContextRules, GlossRules
from pipeline.llm.settings import EndpointSettings

Rounds = Annotated[int, Field(ge=1, le=20)]
Tokens = Annotated[int, Field(ge=1)]
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


class LinkSettings(BaseModel):
    """How synsets find their counterparts in Princeton WordNet 3.0."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ili: Path | None = None
    """A table of interlingual ids, ``i5062 TAB 02129165-n`` a line."""


class GlossSettings(AskingSettings):
    """How synsets get their glosses."""

    source: Literal["ask", "keep", "rewrite"] = "ask"
    """"keep": the source's own definition in the language of the run, where it passes the checks,
    and a model is asked for the others only; "rewrite": a model puts it into other words."""
    prompt: str = "glosses"
    rounds: Rounds = 3
    max_siblings: Annotated[int, Field(ge=0)] = 12
    """How many other synsets a prompt names at most, those of the same part of speech first."""
    rules: GlossRules = GlossRules()


class ContextSettings(AskingSettings):
    """How senses get their contexts."""

    source: Literal["ask", "keep"] = "ask"
    """"keep": the source's own examples come first, where the lemma stands in them once and they
    pass the checks; a model is asked for what is missing."""
    prompt: str = "contexts"
    group_prompt: str = "contexts_group"
    rounds: Rounds = 3
    per_sense: Annotated[int, Field(ge=1, le=100)] = 10
    lemmas_per_request: Annotated[int, Field(ge=1, le=20)] = 1
    """Lemmas of one synset that share a request in the first round."""
    max_siblings: Annotated[int, Field(ge=0)] = 12
    """How many glosses of other senses a prompt shows at most."""
    rules: ContextRules = ContextRules()


class JudgeSettings(AskingSettings):
    """How a judge chooses the sense of each context, blind to the one that was meant."""

    prompt: str = "judge"
    rounds: Rounds = 2
    enabled: bool = True
    together: Literal["sense", "context"] = "sense"
    """"sense" shows the contexts of a sense in one request, "context" each by itself."""
    per_request: Annotated[int, Field(ge=1, le=50)] = 10
    monosemous: bool = True
    """Also judge lemmas with one sense: that sense, or none of these."""
    llm: EndpointSettings | None = None
    """A second model; a judge that did not write the sentences is worth more."""

    def endpoint(self, llm: EndpointSettings) -> EndpointSettings:
        """The judge's own endpoint where it has one, else [llm]."""
        return super().endpoint(self.llm or llm)


def decisive(endpoint: EndpointSettings) -> dict[str, object]:
    """What of an endpoint's settings can change a reply, for fingerprints."""
    decided = {"endpoint": endpoint.endpoint, **endpoint.model_dump(mode="json", include=_DECISIVE)}
    if endpoint.reasoning_tokens:  # left out at its default, which was all there was once
        decided["reasoning_tokens"] = endpoint.reasoning_tokens
    return decided
