"""What judge and select drop is written again, judged, and selected from; and nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pipeline.binding import all_stages
from pipeline.config import load_config
from pipeline.engine.decide import UpToDate, lineage
from pipeline.engine.folder import RunFolder
from pipeline.engine.stage import Upstream
from pipeline.panel.records import CastVote
from pipeline.select.records import SelectedContext
from schemas.records import Context, Verdict
from schemas.tables import read_table
from testing.ledgers import replies
from testing.mock_server import spawned
from tests.pipeline.mock_run import IN_FLIGHT, MOCK, answered, kill_when, run, write_run

REPEATED = ("contexts", "judge", "select")


def with_refill(config: Path, passes: int) -> Path:
    text = config.read_text(encoding="utf-8")
    old = "[contexts.rules]"
    config.write_text(text.replace(old, f"[contexts]\nrefill = {passes}\n\n{old}"), "utf-8")
    return config


def outputs(config: Path) -> dict[str, Upstream]:
    """What today's run.toml has made."""
    stages = all_stages(load_config(config))
    found = lineage(stages, RunFolder(config.parent))
    return {n: d.upstream for n, d in found.items() if isinstance(d, UpToDate)}


def ids(upstream: Upstream, table: str, record: type[Context] | type[Verdict]) -> list[str]:
    return [row.context_id for row in read_table(upstream.table(table), record)]


@pytest.fixture(scope="module")
def refilled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """A run with a refill, and what it asked when it ran a second time."""
    folder = tmp_path_factory.mktemp("refill")
    with spawned(*MOCK) as base_url:
        config = with_refill(write_run(folder / "run", base_url), 1)
        run(config)
        first = answered(base_url)
        run(config)
        assert answered(base_url) == first, "a second run asks again"
    return config, first


def test_passes_are_stages_and_the_last_has_the_plain_names(
    refilled: tuple[Path, dict[str, int]],
) -> None:
    names = [stage.name for stage in all_stages(load_config(refilled[0]))]
    at = names.index("contexts.1")
    assert names[at : at + 6] == [f"{name}.1" for name in REPEATED] + list(REPEATED)
    release = next(s for s in all_stages(load_config(refilled[0])) if s.name == "release")
    # What they asked and dropped stands on the card; what select.1 drops, select drops again.
    assert {"contexts.1", "judge.1"} == {name for name in release.inputs if "." in name}


def test_senses_that_lost_sentences_get_others_and_the_rest_is_left_alone(
    refilled: tuple[Path, dict[str, int]],
) -> None:
    made = outputs(refilled[0])
    before = ids(made["contexts.1"], "contexts", Context)
    after = ids(made["contexts"], "contexts", Context)
    kept = Counter(
        row.sense_id for row in read_table(made["select.1"].table("selected"), SelectedContext)
    )
    short = {sense: 10 - count for sense, count in kept.items() if count < 10}
    assert set(before) < set(after)
    new = [context for context in after if context not in set(before)]
    assert {context.rpartition("@")[0] for context in new} <= set(short)
    written = Counter(context.rpartition("@")[0] for context in new)
    assert all(count <= short[sense] for sense, count in written.items())
    assert sum(written.values()) >= 0.9 * sum(short.values())
    counts = {name: made[name].manifest.counts["selected"] for name in ("select.1", "select")}
    assert counts["select"] > counts["select.1"]
    assert after == [
        row.context_id for row in read_table(made["contexts"].table("contexts"), Context)
    ]


def test_only_new_sentences_are_judged_and_all_have_their_votes(
    refilled: tuple[Path, dict[str, int]],
) -> None:
    made = outputs(refilled[0])
    contexts = ids(made["contexts"], "contexts", Context)
    assert ids(made["judge"], "verdicts", Verdict) == contexts
    first = {r.context_id: r for r in read_table(made["judge.1"].table("verdicts"), Verdict)}
    last = {r.context_id: r for r in read_table(made["judge"].table("verdicts"), Verdict)}
    assert {name: last[name] for name in first} == first
    votes = list(read_table(made["judge"].table("votes"), CastVote))
    assert len(votes) == len(contexts)
    asked = made["judge"].manifest.usage.requests
    assert 0 < asked < made["judge.1"].manifest.usage.requests
    n_requests = sum(made[name].manifest.usage.requests for name in made)
    assert refilled[1]["all"] >= n_requests - 1


def test_a_run_that_is_killed_in_both_passes_ends_like_one_that_was_not(
    refilled: tuple[Path, dict[str, int]], tmp_path: Path
) -> None:
    """In its first pass and in what is written again; no reply that was kept is paid twice."""
    calm = outputs(refilled[0])
    of_pass = {n: calm[n].manifest.usage for n in ("contexts", "judge", "contexts.1", "judge.1")}
    requests = {name: usage.requests + usage.repairs for name, usage in of_pass.items()}
    sent_calmly = refilled[1]["all"]
    again = requests["contexts"] + requests["judge"]
    first = sent_calmly - again - requests["judge.1"] - requests["contexts.1"] // 2
    with spawned("--latency", "0.05", *MOCK) as base_url:
        config = with_refill(write_run(tmp_path / "run", base_url), 1)
        ledger = config.parent / "ledger.sqlite"
        for at in (first, sent_calmly - again // 2):
            kill_when(config, at)
        run(config)
        assert answered(base_url)["all"] - sent_calmly <= 2 * IN_FLIGHT
        assert replies(ledger) == sent_calmly
    one, other = calm, outputs(config)
    assert {name: up.manifest.output_hash for name, up in one.items()} == {
        name: up.manifest.output_hash for name, up in other.items()
    }


def test_a_refill_goes_on_from_a_run_without_one(tmp_path: Path) -> None:
    """Its first pass is that run: nothing of it is asked again."""
    with spawned(*MOCK) as base_url:
        config = write_run(tmp_path / "run", base_url)
        run(config)
        before = answered(base_url)
        run(with_refill(config, 1))
        after = answered(base_url)
    made = outputs(config)
    usage = [made[name].manifest.usage for name in ("contexts", "judge")]
    new = sum(each.requests + each.repairs for each in usage)
    assert after["all"] - before["all"] == new > 0
