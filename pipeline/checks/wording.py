"""Wording that belongs to a reply, not to a definition or a sentence: talk, labels, markup."""

from __future__ import annotations

import re

_REGISTERS = (
    r"báo chí|văn chương|văn học|khẩu ngữ|hội thoại|khoa học|hành chính|mạng xã hội|đời thường"
    r"|trang trọng|thân mật|pháp luật|kinh tế|thể thao|quảng cáo"
)
_OPENING_TALK = re.compile(
    r"[\"“'(*\s]*(?:"
    r"dưới đây là|sau đây là (?:các|một số|những|\d+|định nghĩa|câu)|đây là (?:các |một |những )?"
    r"(?:câu|định nghĩa|ví dụ)\b|"
    r"(?:câu|ví dụ|vd|ngữ cảnh|mục|context|sentence|example)\s*(?:số\s*)?\d*\s*[:.)]|"
    r"(?:định nghĩa|nghĩa|giải nghĩa|gloss|definition)\s*\d*\s*:|"
    r"\(?\d{1,2}\s*[.):]\s|chắc chắn rồi|tất nhiên rồi|được rồi, (?:dưới|sau|đây)|"
    r"here (?:is|are)\b|"
    rf"(?:phong cách\s+)?(?:{_REGISTERS})\s*:|[(]\s*(?:{_REGISTERS})\s*[)]"
    r")",
    re.IGNORECASE,
)
_CLOSING_LABEL = re.compile(
    rf"[(]\s*(?:phong cách\s+)?(?:{_REGISTERS})\s*[)][.\s]*$", re.IGNORECASE
)
_ABOUT_WORD = re.compile(
    r"(?:từ|chữ|cụm từ|từ ngữ|thuật ngữ|danh từ|động từ|tính từ|phó từ) [\"“‘'«]?$", re.IGNORECASE
)
_ABOUT_MEANING = re.compile(
    r"có nghĩa|nghĩa là|nghĩa của|mang nghĩa|dùng để chỉ|được dùng|trong câu|"
    r"là (?:một )?(?:danh|động|tính|phó) từ",
    re.IGNORECASE,
)
_SUSPECT = re.compile(r"[*_`<&\\{}•]|\"\s*[:,\]]")  # any markup has one of these
_MARKUP = re.compile(
    r"\*\*|__|`|</?[a-zA-Z][^<>]*>|&(?:quot|amp|lt|gt|nbsp|#\d+);|\\[nrtu\"\\]|^[•*]\s|[{}]|"
    r"^\s*[\[(]?\"[a-z_]+\"\s*:|\"\s*[,\]]+\s*$"
)


def talk(text: str) -> str | None:
    """The words that talk to the asker, number or label the text."""
    found = _OPENING_TALK.match(text)
    if found is None and text.rstrip(". ").endswith(")"):
        found = _CLOSING_LABEL.search(text)
    return found.group().strip() if found else None


def talks_about_target(sentence: str, start: int, end: int) -> bool:
    """Whether the sentence speaks of the target as a word: ``Từ "khoan" có nghĩa là...``."""
    if not _ABOUT_WORD.search(sentence, max(0, start - 14), start):
        return False
    return _ABOUT_MEANING.search(sentence, end) is not None


def markup(text: str) -> str | None:
    """The first piece of Markdown, HTML or JSON in the text."""
    if not _SUSPECT.search(text):
        return None
    found = _MARKUP.search(text)
    return found.group().strip() if found else None
