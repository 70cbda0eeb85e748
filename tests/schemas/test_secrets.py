"""Keys are known by their looks, and variables that hold one by their names."""

import pytest

from schemas.secrets import SECRET_NAME, masked

KEYS = (
    "hf_" + "aB3" * 10,
    "sk-proj-" + "aB3_" * 8,
    "sk-ant-api03-" + "aB3_" * 8,
    "gsk_" + "aB3d" * 13,
    "xai-" + "aB3d" * 20,
    "AIza" + "Sy0-" * 9,
    "ghp_" + "0aB" * 12,
    "AKIA" + "ABCDEFGH01234567",
    "nvapi-" + "aB3_" * 16,
    "pplx-" + "aB3d" * 12,
    "r8_" + "aB3d" * 9,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlc2ln",
    "glpat-" + "aB3_" * 5,
    "-----BEGIN RSA PRIVATE KEY-----",
)


@pytest.mark.parametrize("key", KEYS)
def test_keys_are_known_by_their_looks(key: str) -> None:
    assert masked(f"the value {key!r} is no address") == "the value '***' is no address"


def test_a_password_in_an_address_is_masked_and_the_host_is_not() -> None:
    assert masked("https://linh:m4t.kh4u@llm.example.org/v1") == "https***llm.example.org/v1"
    assert masked("https://a.org/v1?model=b&api_key=0123456789&x=1") == (
        "https://a.org/v1?model=b***&x=1"
    )


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org:8080/home?page=12345678",
        "hf_hub sk-learn keyboard key-value npm_config",
        "Tôi mở khoá cửa. Bearer bonds",
        "viwn-9017#khoan@0123456789abcdef",
        "ili:i12345, noun.artifact, test_unseen_lemma",
        "sha256 " + "0123456789abcdef" * 4,
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    "name",
    ["GROQ_KEY", "KEY", "OPENAI_API_KEY", "MY_APIKEY_2", "HF_TOKEN", "DB_PASSWORD", "AWS_SECRET"],
)
def test_names_of_variables_that_hold_a_secret(name: str) -> None:
    assert SECRET_NAME.search(name)


@pytest.mark.parametrize("name", ["KEYBOARD", "MONKEY", "PATH", "PASSAGE", "LC_ALL"])
def test_names_of_other_variables(name: str) -> None:
    assert not SECRET_NAME.search(name)


@pytest.mark.parametrize("place", [65_505, 65_522, 65_536])
def test_a_key_at_a_window_of_a_long_text_is_masked_whole_and_no_more(place: int) -> None:
    """What is looked through at once ends in it, begins in it, or is shorter than it."""
    for key in (KEYS[-1], "hf_" + "aB3" * 10, "hf_" + "aB3" * 30_000, "AKIA" + "ABCDEFGH01234567"):
        before, after = "x " * (place // 2) + " " * (place % 2), " y" * 40_000
        assert masked(before + key + after) == f"{before}***{after}"
    cut = "AKIA" + "ABCDEFGH01234567"
    for begin in (65_536 + 1024 - 20 - place % 3, 65_536 - 20):
        longer = "x" * begin + " " + cut + "x" + " y" * 40_000
        assert masked(longer) == longer
    inside = "x" * 65_536 + cut + " y" * 40_000  # of a longer word, which the window cuts
    assert masked(inside) == inside
