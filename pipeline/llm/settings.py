"""Settings of one endpoint, as they stand in a section of run.toml."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Structured = Literal["auto", "json_schema", "json_object", "text"]
TokensField = Literal["auto", "max_tokens", "max_completion_tokens"]

# Names that the layer itself writes into a request body, or that would change what a reply is.
RESERVED = frozenset(
    {"messages", "model", "n", "stream", "response_format", "temperature", "top_p", "seed"}
    | {"max_tokens", "max_completion_tokens", "tools", "functions"}
)

Amount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6)]


class Price(BaseModel):
    """What a model costs: per million tokens, as its provider listed it on ``date``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Amount
    output: Amount
    currency: str = "USD"
    date: datetime.date


class EndpointSettings(BaseModel):
    """Where a model is served and how it is asked.

    Only what stands in the request body, ``base_url`` (or ``identity``) and the sample index
    decide which reply is meant; limits, timeouts and prices may change between runs.
    """

    # Inputs stay out of messages: someone may have written a key where it does not belong.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    base_url: str
    model: str = Field(min_length=1)
    api_key_env: str | None = None
    """Name of the environment variable that holds the key; None where no key is needed."""
    identity: str | None = None
    """Stands for ``base_url`` in ledger keys where the address changes from run to run."""

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """None leaves it out of the request: reasoning models refuse any value of their own."""
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    seed: int | None = None
    """Sent as ``seed + sample``, where the endpoint knows seeds."""
    max_tokens: int = Field(default=1024, ge=1)
    tokens_field: TokensField = "auto"
    structured: Structured = "auto"
    extra_body: dict[str, Any] = Field(default_factory=dict)

    timeout_s: float = Field(default=120.0, gt=0)
    """Of one attempt, from sending to the last byte."""
    max_in_flight: int = Field(default=16, ge=1, le=4096)
    requests_per_minute: Annotated[float, Field(gt=0)] | None = None
    tokens_per_minute: Annotated[float, Field(gt=0)] | None = None
    max_attempts: int = Field(default=6, ge=1)
    """Failures after which one item is given up, if the endpoint answers others meanwhile."""
    give_up_after_s: float = Field(default=300.0, gt=0)
    """The run stops when the endpoint has answered nothing for this long."""

    price: Price | None = None

    @field_validator("base_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("base_url must begin with http:// or https://")
        if "@" in value.split("/", 3)[2]:
            raise ValueError("base_url must not carry credentials; name api_key_env instead")
        return value.rstrip("/")

    @field_validator("extra_body")
    @classmethod
    def _reserves_nothing(cls, value: dict[str, Any]) -> dict[str, Any]:
        taken = sorted(RESERVED & value.keys())
        if taken:
            raise ValueError(f"extra_body may not set {', '.join(taken)}: they have settings")
        return value

    @property
    def endpoint(self) -> str:
        """The endpoint as keys and the ledger name it."""
        return self.identity or self.base_url
