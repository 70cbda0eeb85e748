"""Each preset against a mock that behaves as its provider is known to."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline.config import load_config
from pipeline.llm.ledger import Ledger
from pipeline.llm.ledger_rows import PICO
from pipeline.llm.settings import EndpointSettings, Price
from pipeline.presets import presets, run_toml
from schemas.errors import ItemError
from testing.asking import http_model, outcomes
from testing.providers import OF_PRESETS, PROMPT, TEXT, THOUGHTS, Arrivals, served

ROOT = Path(__file__).resolve().parents[3]
PRICE = Price(input=1, output=10, cached_input=Decimal("0.1"), date="2026-01-01")
FAILS = {"azure": "refused", "openrouter": "refused", "together": "context_length"}
"""What one of the questions ends in, where the mock refuses it."""
THINKERS = {"openai", "gemini", "groq", "vllm", "ollama", "xai"}


def settings_of(preset: str, folder: Path) -> EndpointSettings:
    """What the stage ``glosses`` of a run with the preset asks with."""
    (folder / "lexicon").mkdir(exist_ok=True)
    text = run_toml(preset, folder, folder / "lexicon")
    (folder / "run.toml").write_text(text, encoding="utf-8")
    config = load_config(folder / "run.toml")
    return config.glosses.endpoint(config.llm)


def asked_by(
    preset: str, folder: Path, question, monkeypatch, **more
) -> tuple[list[str], int, Arrivals]:
    """How four questions ended, what was paid for them in tokens' prices, and what arrived."""
    settings = settings_of(preset, folder)
    if isinstance(settings.api_key_env, str):
        monkeypatch.setenv(settings.api_key_env, f"secret-key-of-{preset}")

    async def work() -> tuple[list[str], int, Arrivals]:
        async with served(OF_PRESETS[preset]) as arrivals:
            address = f"{arrivals.address}{urlsplit(settings.base_url).path}"
            changes = {"base_url": address, "max_in_flight": 1, "price": PRICE, **more}
            with Ledger(folder / "ledger.sqlite") as ledger:
                async with http_model(settings.model_copy(update=changes), ledger=ledger) as model:
                    questions = [question(f"từ {i}") for i in range(4)]
                    found = await outcomes(model, questions, workers=1)
                paid = ledger.spending("USD").paid * 10**6 // PICO
        ended = [each.code if isinstance(each, ItemError) else each.value.gloss for each in found]
        return ended, paid, arrivals

    return asyncio.run(work())


def test_every_preset_has_a_mock_and_a_section_of_the_page() -> None:
    assert set(OF_PRESETS) == set(presets()) - {"demo"}
    page = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")
    assert [name for name in OF_PRESETS if f"preset `{name}`" not in page] == []


@pytest.mark.parametrize("preset", OF_PRESETS)
def test_a_preset_gets_its_answers_and_loses_only_what_is_refused(
    preset, tmp_path, question, monkeypatch
):
    # The model of the preset openai does not think; for one that does it names the setting.
    more = {"reasoning_tokens": 4000} if preset == "openai" else {}
    ended, paid, arrivals = asked_by(preset, tmp_path, question, monkeypatch, **more)
    good = "dụng cụ có mũi xoay để tạo lỗ"
    lost = [FAILS[preset]] if preset in FAILS else []
    assert sorted(ended) == sorted([good] * (4 - len(lost)) + lost)
    tokens = TEXT + (THOUGHTS if preset in THINKERS else 0)
    if preset == "deepseek":  # one empty reply, its repair, and cached input in all but the first
        assert paid == PROMPT + 10 * TEXT + 4 * (100 + 40 + 10 * TEXT)
    else:
        assert paid == (4 - len(lost)) * (PROMPT + 10 * tokens)
    sent = arrivals.asked[-1].body
    room = sent.get("max_tokens") or sent.get("max_completion_tokens")
    assert room >= tokens


def test_a_model_that_thinks_without_room_gets_it_doubled(tmp_path, question, monkeypatch):
    """The stage's 1,500 tokens are too few for thoughts; twice as many are enough."""
    monkeypatch.setattr("testing.providers.THOUGHTS", 2000)
    _, _, arrivals = asked_by("openai", tmp_path, question, monkeypatch)
    limits = [each.body.get("max_completion_tokens") for each in arrivals.asked[-8:]]
    assert limits == [1500, 3000] * 4
