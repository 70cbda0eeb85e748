"""What a run shows while it works."""

import io
from dataclasses import replace
from decimal import Decimal

from rich.console import Console

from pipeline.cli.display import Display, counts_text
from pipeline.engine.decide import MustRun
from pipeline.engine.manifest import StageManifest
from pipeline.engine.progress import Progress
from pipeline.engine.stage import Stage
from pipeline.llm.ledger_rows import PICO, PaidReply
from pipeline.llm.meter import Meter


async def nothing(_: object) -> dict[str, int]:
    return {}


STAGE = Stage(name="contexts", version=1, inputs=(), tables={}, settings=dict, run=nothing)


def manifest(**counts: int) -> StageManifest:
    return StageManifest(
        stage="contexts",
        version=1,
        fingerprint="f",
        settings={},
        inputs={},
        tables={},
        counts=counts,
        rejects={"length": 2, "target_missing": 5},
    )


def display(meter: Meter) -> tuple[Display, Progress, io.StringIO]:
    out = io.StringIO()
    shown = Display(Console(file=out, width=60), meter, "USD")
    progress = Progress("contexts")
    shown.started(STAGE, MustRun("f", {}, {}, ("never finished",)), progress)
    return shown, progress, out


def test_the_line_has_items_requests_codes_and_money() -> None:
    meter = Meter()
    shown, progress, _ = display(meter)
    progress.begin(200, "round 1")
    progress.advance(50)
    progress.accepted = 480
    progress.rejected.update({"length": 3, "a": 1, "b": 1, "c": 1, "d": 7})
    meter.sent = 51
    cost = int(Decimal("0.01") * PICO)
    reply = PaidReply("0" * 32, "x", 0, "http://h/v1", "m", 0, 100, 40, cost, "stop", "USD", b"{}")
    for _ in range(50):
        meter.arrived(reply)
    line = shown.line()
    assert "50 of 200 (round 1)" in line
    assert "50 new, 0 from the ledger" in line
    assert "5,000 in, 2,000 out" in line
    assert "480; rejected d 7, length 3, a 1, b 1, others 1" in line
    assert "0.5000 USD in this run, about 2.0000 for the whole stage" in line


def test_a_finished_stage_tells_counts_and_all_codes_on_lines_of_any_length() -> None:
    shown, _, out = display(Meter())
    shown.finished(STAGE, manifest(contexts=1234, failed=0, senses_short=2))
    text = out.getvalue()
    assert "never finished" in text
    assert "1,234 contexts, 2 senses short" in text
    assert "failed" not in text
    assert "rejected    target_missing 5, length 2" in text


def test_a_stage_shows_its_own_details() -> None:
    shown, _, out = display(Meter())
    stage = replace(STAGE, show_details=lambda details: [f"words: {details['words']}"])
    shown.finished(stage, manifest(contexts=1).model_copy(update={"details": {"words": 93}}))
    assert "           words: 93\n" in out.getvalue()


def test_on_a_terminal_lines_are_folded_between_words() -> None:
    out = io.StringIO()
    shown = Display(
        Console(file=out, width=60, force_terminal=True, color_system=None), Meter(), ""
    )
    codes = {f"some_long_code_{n}": 10 - n for n in range(9)}
    shown.finished(STAGE, manifest(contexts=1).model_copy(update={"rejects": codes}))
    lines = out.getvalue().splitlines()
    assert all(len(line) <= 60 for line in lines)
    for code in codes:
        assert any(code in line for line in lines)


def test_one_of_a_thing_is_counted_in_the_singular() -> None:
    counts = {"senses": 1, "senses_short": 1, "duplicate_across_senses": 1, "held_out_synsets": 1}
    assert counts_text(manifest(**counts)) == (
        "1 sense, 1 sense short, 1 duplicate across senses, 1 held out synset"
    )
    assert counts_text(manifest(verdicts=1, none_of_these=2)) == "1 verdict, 2 none of these"
    assert counts_text(manifest(links=0, unsure=0)) == "0 links"
    assert counts_text(manifest()) == ""
