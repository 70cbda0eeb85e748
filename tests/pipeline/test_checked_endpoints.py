"""Every endpoint that a run will come to is checked before the first request is paid."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli.main import exit_code
from testing.mock_server import spawned
from tests.pipeline.mock_run import MOCK, answered, run, write_run

PRICE = 'price = {input = 1.0, output = 2.0, currency = "%s", date = 2026-01-01}\n'


def judged_by(config: Path, lines: str) -> None:
    """Gives the judge an endpoint of its own."""
    text = config.read_text(encoding="utf-8")
    config.write_text(f'{text}\n[judge.llm]\nmodel = "judge"\n{lines}', encoding="utf-8")


@pytest.mark.parametrize(
    ("judge", "code", "said"),
    [
        ('api_key_env = "VICONWSD_NO_SUCH_KEY"\n', 2, "VICONWSD_NO_SUCH_KEY is not set"),
        (
            'base_url = "http://127.0.0.1:9/v1"\ngive_up_after_s = 1\n',
            1,
            "no connection to http://",
        ),
    ],
)
def test_what_is_wrong_with_the_judge_is_found_before_anything_is_paid(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], judge: str, code: int, said: str
) -> None:
    with spawned(*MOCK) as base_url:
        config = write_run(tmp_path / "run", base_url)
        base = "" if "base_url" in judge else f'base_url = "{base_url}"\n'
        judged_by(config, base + judge)
        assert exit_code(["run", "-c", str(config)]) == code
        assert answered(base_url)["all"] == 0
        assert said in capsys.readouterr().err


def test_of_several_addresses_one_that_answers_is_enough(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with spawned(*MOCK) as base_url:
        config = write_run(tmp_path / "run", base_url)
        text = config.read_text(encoding="utf-8")
        several = f'base_urls = ["http://127.0.0.1:9/v1", "{base_url}"]\n'
        config.write_text(text.replace(f'base_url = "{base_url}"\n', several), encoding="utf-8")
        run(config, until="glosses")
        said = capsys.readouterr().err
        assert said.count("http://127.0.0.1:9/v1 is left out while it answers nobody") == 1


def test_a_judge_in_another_currency_is_found_before_anything_is_paid(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with spawned(*MOCK) as base_url:
        config = write_run(tmp_path / "run", base_url)
        text = config.read_text(encoding="utf-8").replace(
            "[contexts", "[budget]\ncap = 5\n[contexts"
        )
        config.write_text(text.replace("[llm]\n", "[llm]\n" + PRICE % "USD"), encoding="utf-8")
        judged_by(config, f'base_url = "{base_url}"\n{PRICE % "EUR"}')
        assert exit_code(["run", "-c", str(config)]) == 2
        assert answered(base_url)["all"] == 0
        assert "priced in EUR, another in USD" in capsys.readouterr().err


def test_a_judge_that_is_switched_off_is_not_checked(tmp_path: Path) -> None:
    with spawned(*MOCK) as base_url:
        config = write_run(tmp_path / "run", base_url)
        text = config.read_text(encoding="utf-8")
        config.write_text(f"{text}\n[judge]\nenabled = false\n", encoding="utf-8")
        judged_by(config, 'base_url = "http://127.0.0.1:9/v1"\n')
        run(config)
        assert answered(base_url)["all"] > 0
