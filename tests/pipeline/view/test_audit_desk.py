"""The audit page is served from the view, and sends its answers to the audit's folder."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cli.main import exit_code
from testing.browser import accessibility_faults, chromium
from tests.conftest import TinyRun
from tests.pipeline.view.conftest import PORT, TOKEN, Seen, seen, serving

ORIGIN = {"origin": f"http://127.0.0.1:{PORT}"}
LAN = "/audit?audit=audit&who=lan"


@pytest.fixture(scope="module")
def audited(finished: TinyRun, tmp_path_factory: pytest.TempPathFactory) -> TinyRun:
    folder = tmp_path_factory.mktemp("audited") / "run"
    run = TinyRun(shutil.copytree(finished.folder, folder))
    run.set("audit", 'size = 5\nannotators = ["lan", "minh"]')
    assert exit_code(["audit", "sample", "-c", str(run.config), "--format", "html"]) == 0
    return run


@pytest.fixture(scope="module")
def desk(audited: TinyRun) -> Seen:
    return seen(audited.config)


def returned(run: TinyRun, who: str = "lan") -> Path:
    return run.folder / "audits" / "audit" / "returned" / f"{who}.json"


def test_every_annotator_has_a_link(desk: Seen) -> None:
    text = desk.text("/audits")
    assert 'href="/audit?audit=audit&amp;who=lan"' in text
    assert 'href="/audit?audit=audit&amp;who=minh"' in text


def test_the_page_is_the_one_that_is_written_but_for_one_script(
    desk: Seen, audited: TinyRun
) -> None:
    answer = desk.client.get(LAN)
    file = audited.folder / "audits" / "audit" / "pages" / "lan.html"
    served = answer.text.replace('<script src="/static/audit.js"></script>\n', "")
    served = served.replace(" 'self'; connect-src 'self'", "")
    assert served == file.read_text(encoding="utf-8")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    "address", ["/audit", "/audit?audit=..&who=lan", "/audit?audit=audit&who=../lan"]
)
def test_an_audit_that_is_not_there_is_said_to_be_missing(desk: Seen, address: str) -> None:
    assert desk.client.get(address).status_code == 404
    assert desk.client.post(address, content=b"{}", headers=ORIGIN).status_code == 400


def test_only_files_of_the_audit_from_a_page_of_ours_are_kept(desk: Seen, audited: TinyRun) -> None:
    key = json.loads((audited.folder / "audits" / "audit" / "key.json").read_bytes())
    good = {"kind": "viconwsd audit answers", "audit": key["audit_id"], "sheet": "minh"}
    minh = LAN.replace("lan", "minh")
    for body, headers, status in (
        (json.dumps(good), {}, 403),
        (json.dumps(good), {"origin": "http://evil.example"}, 403),
        ("{", ORIGIN, 400),
        (json.dumps(good | {"sheet": "lan"}), ORIGIN, 400),
        (json.dumps(good | {"audit": "x"}), ORIGIN, 400),
        ("x" * (33 << 20), ORIGIN, 413),
    ):
        assert desk.client.post(minh, content=body, headers=headers).status_code == status
        assert not returned(audited, "minh").exists()
    assert desk.client.post(minh, content=json.dumps(good), headers=ORIGIN).status_code == 204
    assert json.loads(returned(audited, "minh").read_bytes()) == good


@pytest.fixture(scope="module")
def served(desk: Seen, audited: TinyRun) -> Iterator[str]:
    with serving(desk.site, audited.folder) as address:
        yield address


def test_what_is_answered_on_a_page_open_to_all_arrives_in_the_folder_and_is_imported(
    served: str, audited: TinyRun, capfd: pytest.CaptureFixture[str]
) -> None:
    with chromium() as browser:
        page = browser.new_page()
        page.goto(f"{served}/?token={TOKEN}")
        page.goto(served + LAN)
        page.wait_for_function("window.desk")
        assert accessibility_faults(page) == []
        with page.expect_response(lambda answer: "yes" in (answer.request.post_data or "")) as sent:
            page.evaluate(
                "() => { const at = desk.page.rows.findIndex(() => true);"
                " const record = desk.answers.records[at];"
                " for (const { code } of desk.page.questions) record.answers[code] = 'yes';"
                " record.at = new Date().toISOString(); record.ms = 4000; }"
            )
        assert sent.value.status == 204
    capfd.readouterr()
    command = ["audit", "import", "-c", str(audited.config), str(returned(audited))]
    assert exit_code(command) == 0
    told = capfd.readouterr().out
    assert told == (
        "lan.json: 1 row (1 complete, 0 begun, 0 empty), 3 new answers, 0 changed, 0 faults\n"
    )
