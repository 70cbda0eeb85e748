"""Only the browser that was given the token sees a page, under the names of this machine."""

import pytest
from starlette.testclient import TestClient

from tests.pipeline.view.conftest import PORT, TOKEN, Seen

ADDRESSES = ("/", "/words", "/word?lemma=khoan", "/static/style.css", "/whole?key=00", "/nothing")


@pytest.fixture
def stranger(run_seen: Seen) -> TestClient:
    return TestClient(run_seen.client.app, base_url=f"http://127.0.0.1:{PORT}")


@pytest.mark.parametrize("address", ADDRESSES)
def test_without_the_token_nothing_is_told(stranger: TestClient, address: str) -> None:
    answer = stranger.get(address)
    assert answer.status_code == 403
    assert "khoan" not in answer.text


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], f"{TOKEN}x", "ự"])
def test_a_wrong_token_is_none(stranger: TestClient, token: str) -> None:
    assert stranger.get("/", params={"token": token}).status_code == 403


def test_the_token_of_the_address_becomes_a_cookie_that_scripts_and_others_cannot_use(
    stranger: TestClient,
) -> None:
    answer = stranger.get(f"/word?lemma=khoan&token={TOKEN}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/word?lemma=khoan")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in stranger.get("/static/style.css").text
    assert stranger.get("/static/style.css").status_code == 200


def test_a_redirect_stays_on_this_machine(stranger: TestClient) -> None:
    answer = stranger.get(
        f"http://127.0.0.1:{PORT}//evil.example/?token={TOKEN}", follow_redirects=False
    )
    assert answer.headers["location"] == "/evil.example/"


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:1", "", "0.0.0.0"]
)
def test_another_host_is_refused_with_the_cookie_too(run_seen: Seen, host: str) -> None:
    """A name of somebody else's that was made to point here sees nothing."""
    assert run_seen.client.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_forbids_foreign_and_inline_scripts(run_seen: Seen, address: str) -> None:
    headers = run_seen.client.get(address).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_pages_are_only_read(run_seen: Seen, method: str) -> None:
    assert run_seen.client.request(method, "/words").status_code == 405
