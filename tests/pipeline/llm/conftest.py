"""A real server on loopback, a real ledger in a temporary folder, one small reply model."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from pipeline.llm import breaker, sending
from pipeline.llm.ledger import Ledger
from pipeline.llm.request import Message, Request
from pipeline.llm.settings import EndpointSettings, Price


class Gloss(BaseModel):
    """The reply that the tests ask for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gloss: str = Field(min_length=1, max_length=40)


GOOD = '{"gloss": "dụng cụ để tạo lỗ"}'


class Script:
    """A responder that says its lines in turn, the last one ever after, and keeps what it got."""

    def __init__(self, *lines: str) -> None:
        self.lines = list(lines) or [GOOD]
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []

    def __call__(self, body: dict[str, Any], headers: Mapping[str, str]) -> str:
        line = self.lines[min(len(self.bodies), len(self.lines) - 1)]
        self.bodies.append(body)
        self.headers.append(dict(headers))
        return line


@pytest.fixture
def script() -> type[Script]:
    return Script


@pytest.fixture
def question() -> Callable[..., Request[Gloss]]:
    def make(text: str = "Giải nghĩa từ «khoan».", sample: int = 0) -> Request[Gloss]:
        turns = (Message("system", "Bạn là nhà từ điển học."), Message("user", text))
        return Request(turns, Gloss, f"glosses/{text}", sample)

    return make


@pytest.fixture
def settings() -> Callable[..., EndpointSettings]:
    def make(base_url: str = "http://127.0.0.1:9/v1", **changes: Any) -> EndpointSettings:
        values: dict[str, Any] = {"model": "mock", "temperature": 0.7, "max_tokens": 200}
        return EndpointSettings(base_url=base_url, **(values | changes))

    return make


@pytest.fixture
def price() -> Price:
    return Price(input=Decimal("1"), output=Decimal("4"), date=datetime.date(2025, 1, 1))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as opened:
        yield opened


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of milliseconds instead of seconds; the rules are the same."""
    monkeypatch.setattr(sending, "FIRST_WAIT_S", 0.02)
    monkeypatch.setattr(breaker, "FIRST_PROBE_S", 0.02)


@pytest.fixture
def run() -> Callable[..., Any]:
    return lambda work: asyncio.run(work())
