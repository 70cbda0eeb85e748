"""What a secret looks like: the names of variables that hold one, keys of well-known services."""

from __future__ import annotations

import re

SECRET_NAME = re.compile(
    r"TOKEN|SECRET|PASS(WORD|WD|PHRASE)|CREDENTIAL|API_?KEY|(?<![A-Z])KEYS?(?![A-Z])"
)
"""Found in the name of an environment variable whose value nobody should see, in capitals."""

KEYS = (
    r"\bhf_[A-Za-z0-9]{20,}",
    r"\b(?:sk|rk|pk|csk)-[A-Za-z0-9_-]{20,}",
    r"\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{20,}",
    r"\b(?:gsk|xai|fw|r8|tgp_v1|voy|npm|key|lin_api|dop_v1)[_-][A-Za-z0-9_-]{24,}",
    r"\b(?:pplx|nvapi|pypi|glpat|xapp|anthropic)-[A-Za-z0-9_-]{20,}",
    r"\bxox[abeprs]-[A-Za-z0-9-]{20,}",
    r"\bgh[pousr]_[A-Za-z0-9]{30,}",
    r"\bgithub_pat_[A-Za-z0-9_]{30,}",
    r"\bAIza[A-Za-z0-9_-]{30,}",
    r"\bya29\.[A-Za-z0-9_-]{20,}",
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    r"[Bb]earer [A-Za-z0-9._~+/-]{20,}",
    r"://[^/\s:@\"'<>]{1,200}:[^/\s@\"'<>]{1,200}@",
    r"[?&](?i:api[_-]?key|key|token|access_token|sig)=[^&\s\"'<>]{8,}",
)
"""Keys by their looks, as patterns that ``re`` and RE2 read alike."""

_ANY = re.compile("|".join(KEYS))


_WINDOW, _LONGEST_PATTERN = 1 << 16, 1 << 10
"""Characters that are looked through at once, and those that a pattern needs to be known by."""


def masked(text: str) -> str:
    """The text with ``***`` in place of what looks like a key or a password in an address.

    A long one is looked through in windows: a search holds the interpreter, and all other threads
    would wait for megabytes.
    """
    parts, kept, at = [], 0, 0
    while at < len(text):
        end = min(len(text), at + _WINDOW + _LONGEST_PATTERN)
        seen = _ANY.search(text, at, end)
        if seen is None:
            at += _WINDOW
            continue
        found = _ANY.match(text, seen.start())  # it may go on beyond the window
        if found is None:  # the window's end was no end of a word
            at = seen.start() + 1
            continue
        parts += [text[kept : found.start()], "***"]
        kept = at = found.end()
    return "".join([*parts, text[kept:]])
