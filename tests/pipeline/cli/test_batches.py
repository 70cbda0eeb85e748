"""Batches as a user meets them: what is said, listed, imported, stopped, and refused."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from pipeline.cli.main import exit_code
from testing.batch_server import BatchPlan, BatchServer, threaded
from testing.demo_replies import labels_in
from testing.mock_server import Plan
from testing.wordnet_responder import respond
from tests.pipeline.mock_run import write_run

BATCH = '\n[llm.batch]\nkind = "{kind}"\ntail = 0\npoll_s = 0.02\ngrace_s = 0.2\nmax_requests = 5\n'
PRICE = "\n[llm.price]\ninput = 1.0\noutput = 2.0\ndate = 2026-01-01\n"


def batch_run(folder: Path, url: str, kind: str = "openai") -> str:
    """A run of forty-five synsets in batch mode; the path of its run.toml."""
    config = write_run(folder, url)
    text = config.read_text(encoding="utf-8").replace(
        'model = "mock"\n', 'model = "mock"\nmode = "batch"\n'
    )
    text += BATCH.format(kind=kind) + PRICE
    config.write_text(text, encoding="utf-8")
    return str(config)


def served(folder: Path, batches: BatchPlan, plan: Plan | None = None) -> BatchServer:
    """A server that knows the labels of what ``folder / "run"`` asks in batches."""
    label_of = labels_in(folder / "run" / "ledger.sqlite")
    return BatchServer(batches, respond, plan=plan, label_of=label_of)


def command_of(config: str) -> list[str]:
    """The run up to its glosses, in a process of its own."""
    run = "from pipeline.cli.main import main; main()"
    return [sys.executable, "-c", run, "run", "-c", config, "--until", "glosses"]


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_detached_runs_go_on_where_the_last_one_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with threaded(served(tmp_path, BatchPlan(looks=1))) as server:
        config = batch_run(tmp_path / "run", server.base_url)
        assert exit_code(["plan", "-c", config]) == 0
        assert 'in batches ([llm] mode = "batch"): about' in said(capsys)
        command = ["run", "-c", config, "--until", "glosses", "--detach"]
        assert exit_code(command) == 1
        told = said(capsys)
        assert "14 requests handed out in 3 batches" in told
        assert (
            "viconwsd: 3 batches with 14 requests are on their way: run the same command again to"
            " read them and go on; `viconwsd batches` lists them"
        ) in told
        assert exit_code(["batches", "-c", config]) == 0
        listed = said(capsys).splitlines()
        assert len(listed) == 4
        assert "batch_1  glosses    submitted, 0 of 5 answered" in listed[0]
        assert "USD" in listed[0]
        assert listed[-1] == "3 batches with 14 requests on their way"
        assert exit_code(["status", "-c", config]) == 0
        assert "batches    3 batches with 14 requests on their way" in said(capsys)
        assert exit_code(["plan", "-c", config]) == 0
        assert "15: 1 already paid for, 14 on their way, 0 to send, about 0.0000" in said(capsys)
        while exit_code(command) == 1:
            capsys.readouterr()
        assert exit_code(["batches", "-c", config]) == 0
        assert capsys.readouterr().out.splitlines()[-1] == "no batch is on its way"
    assert server.doubled == []
    assert server.stats.answered == 1


def test_batches_are_cancelled_and_what_they_did_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with threaded(served(tmp_path, BatchPlan(looks=2))) as server:
        config = batch_run(tmp_path / "run", server.base_url)
        assert exit_code(["run", "-c", config, "--until", "glosses", "--detach"]) == 1
        assert exit_code(["batches", "cancel", "-c", config, "nothing"]) == 2
        assert "no batch 'nothing' is on its way" in said(capsys)
        assert exit_code(["batches", "cancel", "-c", config]) == 0
        assert said(capsys).count("is being cancelled; the next `run` reads what it has done") == 3
        gone = server.batches.pop("batch_2")
        assert exit_code(["batches", "cancel", "-c", config]) == 1
        told = said(capsys).splitlines()
        assert ["is being cancelled" in line for line in told] == [True, False, True, False]
        assert "was not cancelled: http 404 from " in told[1]
        assert told[-1] == (
            "viconwsd: 1 batch not cancelled; the next `run` reads what has ended, --forget gives"
            " up what cannot be reached"
        )
        server.batches["batch_2"] = gone
        server.batch_plan = BatchPlan(looks=1)
        assert exit_code(["run", "-c", config, "--until", "glosses"]) == 0
        assert "batch batch_1 cancelled: 2 replies, 3 to be asked again" in said(capsys)
    assert server.doubled == []


def test_a_batch_that_cannot_be_reached_is_forgotten_and_counts_as_billed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with threaded(served(tmp_path, BatchPlan())) as server:
        config = batch_run(tmp_path / "run", server.base_url)
        assert exit_code(["run", "-c", config, "--until", "glosses", "--detach"]) == 1
    assert exit_code(["batches", "cancel", "--forget", "-c", config]) == 0
    assert "forgotten; 5 requests count as billed" in said(capsys)
    assert exit_code(["status", "-c", config]) == 0
    assert "estimated for replies that never arrived" in said(capsys)


def answered_by_vllm(folder: Path, out: Path) -> None:
    """What ``vllm run-batch`` writes on the files of a run."""
    server, lines = BatchServer(), list[bytes]()
    label_of = labels_in(folder / "ledger.sqlite")
    for path in sorted((folder / "batches").iterdir()):
        for line in path.read_bytes().splitlines():
            asked = orjson.loads(line)
            text = respond(asked["body"], {"x-viconwsd-item": label_of(asked["custom_id"])})
            body = orjson.loads(server._envelope(asked["body"], line, text))
            response = {"status_code": 200, "request_id": "v", "body": body}
            row = {"id": "vllm-1", "custom_id": asked["custom_id"], "response": response}
            lines.append(orjson.dumps({**row, "error": None}))
    out.write_bytes(b"\n".join(lines) + b"\n")


def test_files_go_to_another_machine_and_come_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = batch_run(tmp_path / "run", "http://127.0.0.1:9/v1", kind="file")
    command = ["run", "-c", config, "--until", "glosses"]
    for _ in range(8):
        if exit_code(command) == 0:
            break
        told = said(capsys)
        assert "have each file answered (`vllm run-batch -i FILE -o OUT --model MODEL`)" in told
        out = tmp_path / "out.jsonl"
        answered_by_vllm(tmp_path / "run", out)
        assert exit_code(["batches", "import", "-c", config, str(out)]) == 0
        assert "to be asked again" in said(capsys)
        assert exit_code(["batches", "import", "-c", config, str(out)]) == 1
        assert "none of its" in said(capsys)
    else:
        raise AssertionError("it does not end")
    other = batch_run(tmp_path / "other", "http://127.0.0.1:9/v1", kind="file")
    assert exit_code(["run", "-c", other, "--until", "glosses"]) == 1
    foreign = tmp_path / "foreign.jsonl"
    foreign.write_text(json.dumps({"custom_id": "x", "response": None, "error": {}}) + "\n")
    capsys.readouterr()
    asked = next((tmp_path / "other" / "batches").iterdir())
    assert exit_code(["batches", "import", "-c", other, str(asked)]) == 1
    assert said(capsys) == (
        f"viconwsd: {asked}: none of its 5 lines is a result: give the file that `vllm run-batch`"
        " wrote (-o)\n"
    )
    assert exit_code(["batches", "import", "-c", other, str(foreign)]) == 1
    assert said(capsys) == (
        f"viconwsd: {foreign}: none of its 1 line answers a request that is on its way: is it of"
        " another run, or imported already?\n"
    )
    assert exit_code(["batches", "import", "-c", other, str(tmp_path / "no.jsonl")]) == 1
    assert "no such file or folder" in said(capsys)


@pytest.mark.parametrize(
    ("plan", "batches", "line"),
    [
        (Plan(api_key="right"), BatchPlan(), "http 401"),
        (Plan(), BatchPlan(refuse_model="mock"), "was rejected whole: rejected: model_not_found"),
    ],
)
def test_what_is_wrong_with_a_provider_is_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    plan: Plan,
    batches: BatchPlan,
    line: str,
) -> None:
    with threaded(served(tmp_path, batches, plan=plan)) as server:
        config = batch_run(tmp_path / "run", server.base_url)
        assert exit_code(["run", "-c", config, "--until", "glosses"]) == 1
    faults = [row for row in said(capsys).splitlines() if row.startswith("viconwsd: ")]
    assert len(faults) == 1
    assert line in faults[0]


def test_what_was_rejected_stops_the_run_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with threaded(served(tmp_path, BatchPlan(looks=1, reject="no_such_limit"))) as server:
        config = batch_run(tmp_path / "run", server.base_url)
        assert exit_code(["run", "-c", config, "--until", "glosses"]) == 1
        assert "batch batch_1 was rejected whole" in said(capsys)
        assert exit_code(["batches", "-c", config]) == 0
        assert said(capsys).splitlines()[-1] == "no batch is on its way"
        server.batch_plan = BatchPlan(looks=1)
        assert exit_code(["run", "-c", config, "--until", "glosses"]) == 0
    assert server.doubled == []


def test_a_wave_that_was_not_sent_is_dropped_when_other_batches_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The interface was the wrong one: the provider took nothing of it."""
    with threaded(served(tmp_path, BatchPlan(looks=1))) as server:
        config = batch_run(tmp_path / "run", server.base_url, kind="mistral")
        assert exit_code(["run", "-c", config, "--until", "glosses"]) == 1
        assert "see [llm.batch] too (kind = 'mistral')" in said(capsys)
        text = Path(config).read_text(encoding="utf-8")
        Path(config).write_text(text.replace('"mistral"', '"openai"'), encoding="utf-8")
        assert exit_code(["run", "-c", config, "--until", "glosses"]) == 0
        assert said(capsys).count("is not asked so any more") == 3
    assert server.doubled == []


def test_a_key_that_run_toml_does_not_name_any_more_is_asked_for_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLD_KEY", "a-key-of-a-test")
    with threaded(served(tmp_path, BatchPlan(), plan=Plan(api_key="a-key-of-a-test"))) as server:
        config = batch_run(tmp_path / "run", server.base_url)
        text = Path(config).read_text(encoding="utf-8")
        keyed = text.replace("[llm]\n", '[llm]\napi_key_env = "OLD_KEY"\n')
        Path(config).write_text(keyed, encoding="utf-8")
        assert exit_code(["run", "-c", config, "--until", "glosses", "--detach"]) == 1
        Path(config).write_text(keyed.replace("OLD_KEY", "NEW_KEY"), encoding="utf-8")
        monkeypatch.delenv("OLD_KEY")
        monkeypatch.setenv("NEW_KEY", "a-key-of-a-test")
        capsys.readouterr()
        assert exit_code(["run", "-c", config, "--until", "glosses", "--detach"]) == 2
        assert "was made with the key in OLD_KEY, which is not set" in said(capsys)


def test_without_batches_there_is_nothing_to_detach_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = str(write_run(tmp_path / "run", "http://127.0.0.1:9/v1"))
    assert exit_code(["run", "-c", config, "--detach"]) == 2
    assert "--detach is for batches: set [llm] mode" in said(capsys)


def test_ctrl_c_leaves_the_batches_running_and_says_so(tmp_path: Path) -> None:
    with threaded(served(tmp_path, BatchPlan(looks=10_000))) as server:
        config = batch_run(tmp_path / "run", server.base_url)
        process = subprocess.Popen(
            command_of(config),
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        deadline = time.monotonic() + 60
        while len(server.batches) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 130, told
        assert "3 batches with 14 requests go on at the provider; run again to read them" in told
        assert all(batch.state == "in_progress" for batch in server.batches.values())


def test_an_outage_is_waited_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = served(tmp_path, BatchPlan(looks=1))
    with threaded(server):
        config = batch_run(tmp_path / "run", server.base_url)
        assert exit_code(["run", "-c", config, "--until", "glosses", "--detach"]) == 1
    port = int(server.base_url.rpartition(":")[2].removesuffix("/v1"))
    server._port = port
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from pipeline.cli.main import main; main()",
            "run",
            "-c",
            config,
            "--until",
            "glosses",
        ],
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "waiting since " in line:
            assert "no connection to" in line
            break
    with threaded(server):
        _, told = process.communicate(timeout=100)
    assert process.returncode == 0, told
    assert server.doubled == []
