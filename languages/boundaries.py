"""Where one sentence ends and another begins: to reject two, and to cut a text into its sentences.

A boundary is a final mark, closing quotes, a space and an upper-case letter. Abbreviations and
initials do not end a sentence, and neither does speech that is followed by who says it
(``"Nhanh lên!" Nam giục.``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from languages.sentences import SentenceEnds

_CLOSERS = "\"”’'»)]"
_OPENERS = "\"“‘'«(["
_BOUNDARY = re.compile(
    rf"(?P<mark>[.!?…]+)(?P<closing>[{re.escape(_CLOSERS)}]*)\s+"
    rf"(?P<dash>[-–—]\s*)?(?P<opening>[{re.escape(_OPENERS)}]*)(?P<next>\w)"
)
_INNER_MARK = re.compile(r"[.!?…].*\w", re.DOTALL)
_LAST_WORD = re.compile(r"[\w.]+$")


def n_sentences(text: str, of: SentenceEnds) -> int:
    """How many sentences the text has, at least one."""
    if not _INNER_MARK.search(text):
        return 1
    return 1 + sum(_is_boundary(text, found, of) for found in _BOUNDARY.finditer(text))


def sentences_of(text: str, of: SentenceEnds) -> Iterator[str]:
    """The sentences of a text of one paragraph, in order, without white space around them."""
    start = 0
    for found in _BOUNDARY.finditer(text):
        if _is_boundary(text, found, of):
            yield text[start : found.end("closing")].strip()
            start = found.end("closing")
    if text[start:].strip():
        yield text[start:].strip()


def _is_boundary(text: str, found: re.Match[str], of: SentenceEnds) -> bool:
    if not (found["next"].isupper() or (found["next"].isdigit() and found["mark"] != ".")):
        return False
    ends = found["mark"] != "." or bool(found["closing"])
    if not ends and _is_abbreviated(text[: found.start()], of):
        return False
    speech_first = text[0] in _OPENERS and bool(found["closing"]) and not found["opening"]
    return not speech_first


def _is_abbreviated(before: str, of: SentenceEnds) -> bool:
    found = _LAST_WORD.search(before)
    if found is None:
        return False
    word = found.group().rpartition(".")[2]
    if found.start() == 0 and word.isdigit():  # the number of a list item
        return True
    return (len(word) == 1 and word.isupper()) or word.lower() in of.abbreviations
