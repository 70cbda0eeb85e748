"""Settings of one endpoint, as they stand in a section of run.toml."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Structured = Literal["auto", "json_schema", "json_object", "text"]
Delivery = Literal["online", "batch", "auto"]
BatchKind = Literal["openai", "mistral", "gemini", "anthropic", "file"]
TokensField = Literal["auto", "max_tokens", "max_completion_tokens"]

# Names that the layer itself writes into a request body, or that would change what a reply is.
RESERVED = frozenset(
    {"messages", "model", "n", "stream", "response_format", "temperature", "top_p", "seed"}
    | {"max_tokens", "max_completion_tokens", "tools", "functions"}
)

Amount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6)]
Count = Annotated[int, Field(ge=1, le=2**31)]

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEADER = re.compile(r"[A-Za-z0-9-]+")


class Price(BaseModel):
    """What a model costs: per million tokens, as its provider listed it on ``date``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Amount
    output: Amount
    cached_input: Amount | None = None
    """Of input tokens that the provider had kept from an earlier request; None: as any other."""
    currency: str = Field(default="USD", min_length=1)
    date: datetime.date

    def discounted(self, discount: Decimal) -> Price:
        """This price less a ``discount`` of 0 to 1."""
        left, cached = 1 - discount, self.cached_input
        rates = {"input": self.input * left, "output": self.output * left}
        rates |= {} if cached is None else {"cached_input": cached * left}
        return self.model_copy(update=rates)


class BatchSettings(BaseModel):
    """How requests go out in batches, which providers do at about half the price, within a day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: BatchKind = "openai"
    """Whose interface: "openai" is spoken by many, "anthropic" also makes online requests speak
    the Messages API, "file" leaves files to whatever machine answers them."""
    max_requests: Count = 50_000
    """Of one batch."""
    max_bytes: Count = 190_000_000
    """Of one batch's file."""
    poll_s: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    """Between two looks at a batch that is being worked on."""
    tail: Annotated[int, Field(ge=0)] = 200
    """Fewer requests than this are asked online: no batch is worth the wait for them."""
    discount: Annotated[Decimal, Field(ge=0, lt=1, max_digits=6)] = Decimal("0.5")
    """What a batch is cheaper by."""
    window: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}[hd]$")] = "24h"
    """How long the provider may take ("24h"; Groq takes up to "7d")."""
    grace_s: Annotated[float, Field(ge=0, le=86_400)] = 120.0
    """How long a batch is looked for whose making got no answer, before it is made again."""
    upload_to: str = "/files"
    purpose: str = "batch"
    """Where and as what the file goes up; Together: "/files/upload" and "batch-api"."""


class EndpointSettings(BaseModel):
    """Where a model is served and how it is asked.

    Only what stands in the request body, ``base_url`` (or ``identity``) and the sample index
    decide which reply is meant; limits, timeouts and prices may change between runs.
    """

    # Inputs stay out of messages: someone may have written a key where it does not belong.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    base_url: str
    base_urls: tuple[str, ...] = ()
    """In place of ``base_url``: addresses that serve the same model, each under the limits below
    for itself. They are one endpoint, by the name of ``identity``."""
    model: str = Field(min_length=1)
    api_key_env: str | tuple[str, ...] | None = None
    """Names of the environment variables that hold keys, used in turn, each with the limits
    below for itself; None where no key is needed."""
    api_key_header: str | None = None
    """The header that carries the key as it is; None: ``Authorization: Bearer KEY``."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Sent with every request; no secrets, for run.toml is not kept like one."""
    query: dict[str, str] = Field(default_factory=dict)
    """Appended to every address, as ``api-version`` is for Azure's deployments."""
    identity: str | None = None
    """Stands for ``base_url`` in ledger keys where the address changes from run to run."""

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """None leaves it out of the request: reasoning models refuse any value of their own."""
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    """Sent as ``seed + sample``, where the endpoint knows seeds."""
    max_tokens: Count = 1024
    """Of a reply's text."""
    reasoning_tokens: Annotated[int, Field(ge=0, le=2**31)] = 0
    """Room for a thinking model's thoughts, on top of every ``max_tokens``."""
    tokens_field: TokensField = "auto"
    structured: Structured = "auto"
    stream: bool = False
    """Take replies in pieces; an endpoint that demands it is found out by itself."""
    extra_body: dict[str, Any] = Field(default_factory=dict)

    timeout_s: float = Field(default=120.0, gt=0, le=86_400)
    """Of one attempt, from sending to the last byte."""
    max_in_flight: int = Field(default=16, ge=1, le=4096)
    requests_per_minute: Annotated[float, Field(gt=0)] | None = None
    tokens_per_minute: Annotated[float, Field(gt=0)] | None = None
    max_attempts: int = Field(default=6, ge=1, le=1000)
    """Failures after which one item is given up, if the endpoint answers others meanwhile."""
    give_up_after_s: float = Field(default=300.0, gt=0, le=1e6)
    """The run stops when the endpoint has answered nothing for this long."""

    mode: Delivery = "online"
    """"batch": waves of requests at a discount, within a day; "auto": where waves are large."""
    batch: BatchSettings = BatchSettings()

    price: Price | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_or_several(cls, given: object) -> object:
        if not isinstance(given, dict) or not given.get("base_urls"):
            return given
        if "base_url" in given:
            raise ValueError("give base_url or base_urls, not both")
        if not given.get("identity"):
            raise ValueError(
                'base_urls wants identity = "NAME": replies are kept under it, whoever gave them'
            )
        urls = given["base_urls"]
        return {**given, "base_url": urls[0]} if isinstance(urls, list | tuple) else given

    @field_validator("base_urls")
    @classmethod
    def _are_addresses(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        found = tuple(cls._is_an_address(value) for value in values)
        if len(set(found)) < len(found):
            raise ValueError("base_urls must name each address once")
        return found

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("base_url must begin with http:// or https://")
        if not value.isascii() or not value.isprintable() or " " in value:
            raise ValueError("base_url must be plain ASCII without spaces")
        try:
            parts = urlsplit(value)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        if not host or ".." in host:
            raise ValueError("base_url is no address: write http://HOST:PORT/PATH")
        if "@" in parts.netloc:
            raise ValueError("base_url must not carry credentials; name api_key_env instead")
        if parts.query or parts.fragment:
            raise ValueError("base_url must end before any ? or #: query = {...} takes the rest")
        return value.rstrip("/")

    @field_validator("api_key_env")
    @classmethod
    def _names_variables(cls, value: str | tuple[str, ...] | None) -> str | tuple[str, ...] | None:
        names = (value,) if isinstance(value, str) else value or ()
        if value == () or len(set(names)) < len(names):
            raise ValueError("api_key_env must name each variable once, and at least one")
        if not all(_VARIABLE.fullmatch(name) for name in names):
            raise ValueError(
                "api_key_env must be the name of an environment variable, not the key itself"
            )
        return value

    @field_validator("headers", "query")
    @classmethod
    def _can_be_sent(cls, value: dict[str, str]) -> dict[str, str]:
        if not all(_HEADER.fullmatch(name.replace("_", "-")) for name in value):
            raise ValueError("names take letters, digits, - and _ only")
        if not all(text.isascii() and text.isprintable() for text in value.values()):
            raise ValueError("values must be plain ASCII")
        if "authorization" in {name.lower() for name in value}:
            raise ValueError("a key does not belong into run.toml; name api_key_env instead")
        return value

    @field_validator("api_key_header")
    @classmethod
    def _is_a_header(cls, value: str | None) -> str | None:
        if value is not None and not _HEADER.fullmatch(value):
            raise ValueError("api_key_header must be the name of a header")
        return value

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

    @property
    def places(self) -> tuple[EndpointSettings, ...]:
        """The settings of each address."""
        if not self.base_urls:
            return (self,)
        one = {"base_urls": (), "identity": self.endpoint}
        return tuple(self.model_copy(update={"base_url": url, **one}) for url in self.base_urls)

    @property
    def key_variables(self) -> tuple[str | None, ...]:
        """The environment variables of the keys, one each; (None,) where no key is needed."""
        names = self.api_key_env
        return names if isinstance(names, tuple) else (names,)
