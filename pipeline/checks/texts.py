"""Rules for whatever a model wrote, a sentence or a definition.

Each family gives them its own text, and the Vietnamese word by which the model is told of a
fault: ``câu`` or ``định nghĩa``. What a rule looks for is the same in both.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.checks import cleaning, vietnamese
from pipeline.checks.finding import Finding, Settings


def control_characters(text: str, called: str) -> Finding | None:
    """Control characters, surrogates or unassigned characters in a text as it was written."""
    found = cleaning.control_character(text)
    if found is None:
        return None
    return Finding(
        "control_characters",
        f"has the character U+{ord(found):04X}",
        f"{called} có kí tự điều khiển",
    )


def several_lines(text: str, called: str) -> Finding | None:
    """Line breaks within a text as it was written."""
    if not cleaning.has_line_break(text):
        return None
    return Finding("several_lines", "has a line break", f"{called} bị ngắt thành nhiều dòng")


def leftover_markup(found: str | None, called: str) -> Finding | None:
    """A piece of markup that was ``found``."""
    if found is None:
        return None
    return Finding(
        "leftover_markup", f"has {found!r}", f"{called} còn sót kí hiệu định dạng ({found})"
    )


def length(n_syllables: int, rules: Settings, called: str, unit: str = "") -> Finding | None:
    """A number of syllables out of bounds; ``unit`` stands behind the bounds in the reason."""
    if rules.min_syllables <= n_syllables <= rules.max_syllables:
        return None
    bounds = f"{rules.min_syllables}-{rules.max_syllables}"
    return Finding(
        "length",
        f"{n_syllables} syllables, not {bounds}",
        f"{called} dài {n_syllables} âm tiết, cần {bounds}{unit}",
    )


def not_vietnamese(words: Sequence[str], rules: Settings, called: str) -> Finding | None:
    """Too few of the words are Vietnamese syllables, or too few have accents."""
    shares = vietnamese.shares(words)
    if shares.formed >= rules.min_vietnamese and shares.accented >= rules.min_accented:
        return None
    return Finding(
        "not_vietnamese",
        f"{shares.formed:.0%} Vietnamese syllables, {shares.accented:.0%} with accents",
        f"{called} không phải tiếng Việt có dấu",
    )


def foreign_script(text: str, called: str) -> Finding | None:
    """Letters of another script than Latin or Greek."""
    found = vietnamese.foreign_script(text)
    if found is None:
        return None
    return Finding(
        "foreign_script", f"has the letter {found!r}", f"{called} lẫn chữ viết khác (“{found}”)"
    )


def meta_talk(found: str | None, called: str = "") -> Finding | None:
    """Talk about the task or the word, or a label, that was ``found``."""
    if found is None:
        return None
    reason = f"{called} có lời dẫn hoặc nhãn (“{found}”)".lstrip()
    return Finding("meta_talk", f"says {found!r}", reason)
