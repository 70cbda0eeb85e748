"""A loopback Hub, an account on it, and a folder to publish."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.publish.hub import Hub, Patience
from tests.pipeline.publish.hub_server import HubServer
from tests.pipeline.publish.hub_store import Account

TOKEN = "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"
QUICK = Patience(attempts=3, first_wait=0.01, longest_wait=0.05, silence=20.0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The Hub's client hands files to its HTTP library in a way that library calls deprecated."""
    for item in items:
        item.add_marker(pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"))


@pytest.fixture
def server() -> Iterator[HubServer]:
    with HubServer() as made:
        made.store.accounts[TOKEN] = Account("linh", organisations=("vien-ngon-ngu",))
        made.store.accounts["hf_reader"] = Account("linh", role="read")
        made.store.accounts["hf_stranger"] = Account("khach")
        yield made
        assert made.unknown == []
        assert made.leaked == []


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "no-login"))
    return TOKEN


@pytest.fixture
def hub(server: HubServer) -> Hub:
    return Hub(server.endpoint, QUICK)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two large files and two small ones; their text is Vietnamese, one name too."""
    made = tmp_path / "release"
    (made / "data").mkdir(parents=True)
    (made / "README.md").write_text("---\nlanguage: vi\n---\n# Ngữ liệu\n", encoding="utf-8")
    (made / "ghi chú.txt").write_text("khoan tường, khoan dung\n", encoding="utf-8")
    (made / "data/train.parquet").write_bytes(b"PAR1" + bytes(range(256)) * 40)
    (made / "data/test.parquet").write_bytes(b"PAR1" + bytes(range(255, -1, -1)) * 20)
    return made
