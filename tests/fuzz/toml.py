"""Faults of run.toml: odd values, unknown keys, sections that come twice or are lost."""

from __future__ import annotations

import re
from pathlib import Path

from tests.fuzz.damage import Rng, damage_bytes, damage_text

_KEY = re.compile(r"^(\w+)( *= *)([^#\n]*)", re.MULTILINE)
_ODD = (
    '""', '"a"', '"\\u0000"', '"\\u001b[31m"', '"[/x]"', '"[red]x"', "[]", "[1]", '["a"]', "{}",
    "{a = 1}", "true", "false", "0", "-1", "1", "2", "0.5", "-0.5", "1e308", "nan", "inf", "-inf",
    "99999999999999999999", "-99999999999999999999", "1979-05-27", "07:32:00",
    '"/dev/zero"', '"/dev/null"', '"/proc/self/mem"', '"."', '".."', '"~"', '"~nobody/x"',
    '"a/../.."', f'"{"x" * 300}"', f'"{"đ" * 5000}"', '"http://"', '"http://[::1"', '"ftp://a"',
    '"http://user:secret@localhost:9/v1"', '"http://localhost:99999/v1"', '"HTTP://a b/"',
    '"sk-1234567890abcdef"', '"vi"', '"xx"', '"../vi"', '"csv"', '"lmf"', '"omw"', '"princeton"',
)  # fmt: skip
_SECTIONS = ("run", "llm.price", "judge.llm", "judge.llm.price", "train.objective", "x", "llm.x")


def damage_toml(rng: Rng, text: str) -> tuple[str, str]:
    """The file with one to three faults."""
    told = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        text, what = _one(rng, text)
        told.append(what)
    return text, "; ".join(told)


def _one(rng: Rng, text: str) -> tuple[str, str]:
    keys = list(_KEY.finditer(text))
    what = rng.randrange(12)
    if what < 7 and keys:
        found, odd = rng.choice(keys), rng.choice(_ODD)
        changed = text[: found.start(3)] + odd + " " + text[found.end(3) :]
        return changed, f"{found[1]} = {odd[:40]}"
    if what == 7:
        key, odd = rng.choice(_KNOWN), rng.choice(_ODD)
        return f"{text}\n[{key[0]}]\n{key[1]} = {odd}\n", f"[{key[0]}] {key[1]} = {odd[:40]}"
    if what == 8:
        section = rng.choice(_SECTIONS)
        return f"{text}\n[{section}]\n", f"a section [{section}]"
    if what == 9 and keys:
        found = rng.choice(keys)
        return text[: found.start()] + text[found.end() :], f"{found[1]} is lost"
    if what == 10:
        changed, told = damage_bytes(rng, text.encode())
        return changed.decode("utf-8", "surrogateescape"), told
    return damage_text(rng, text)


def _known() -> tuple[tuple[str, str], ...]:
    """Sections that the preset does not write, with their keys."""
    from pipeline.publish.settings import PublishSettings
    from trainer.settings import EvaluateSettings, ObjectiveSettings, RankerSettings

    sections = {
        "publish": PublishSettings,
        "evaluate": EvaluateSettings,
        "train.objective": ObjectiveSettings,
        "train.ranker": RankerSettings,
    }
    return tuple(
        (section, name) for section, model in sections.items() for name in model.model_fields
    )


_KNOWN = _known()


def write_damaged(rng: Rng, path: Path) -> str:
    """Damages the file; returns what was done."""
    text, told = damage_toml(rng, path.read_text(encoding="utf-8"))
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return told
