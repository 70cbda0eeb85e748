"""A run that is killed with SIGKILL loses no reply, and ends with the same rows."""

from pathlib import Path

from testing.mock_server import spawned
from testing.outputs import only_output
from tests.pipeline.mock_run import IN_FLIGHT, MOCK, answered, kill_when, run, write_run

STAGES = ("synsets", "glosses", "contexts", "judge", "select")


def outputs(folder: Path) -> dict[str, object]:
    """What each stage wrote: rows by content, counts, rejects and costs."""
    manifests = {name: only_output(folder, name) for name in STAGES}
    return {
        name: (m.tables, m.counts, m.rejects, m.usage.requests, m.usage.completion_tokens)
        for name, m in manifests.items()
    }


def test_a_killed_run_ends_like_an_undisturbed_one(tmp_path: Path) -> None:
    with spawned("--latency", "0.02", *MOCK) as base_url:
        run(write_run(tmp_path / "calm", base_url))
        sent_calmly = answered(base_url)["all"]
    with spawned("--latency", "0.08", *MOCK) as base_url:
        config = write_run(tmp_path / "killed", base_url)
        for at in (sent_calmly // 4, sent_calmly // 2):
            kill_when(config, at)
        run(config)
        assert answered(base_url)["all"] - sent_calmly <= 2 * IN_FLIGHT
    assert set(outputs(tmp_path / "calm")) == set(STAGES)
    assert outputs(tmp_path / "killed") == outputs(tmp_path / "calm")
