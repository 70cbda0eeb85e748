"""English words end at spaces; where neighbours may be an open compound ("hot dog")."""

from __future__ import annotations

from languages.en.function_words import FUNCTION_WORDS
from languages.segmentation import Segmentation, by_spaces


def content_runs(text: str) -> list[str]:
    """Runs of content words, every function word and mark by itself.

    Content words in a row may be one word, and the lexicon says which are ("hot dog", "drill
    press"). With a function word they mostly stand together by chance: "look at the map".
    """
    runs: list[str] = []
    joined = False
    for word in by_spaces(text):
        content = word[0].isalnum() and word.lower() not in FUNCTION_WORDS
        if content and joined:
            runs[-1] = f"{runs[-1]} {word}"
        else:
            runs.append(word)
        joined = content
    return runs


SEGMENTATION = Segmentation(segment=by_spaces, unit="word", compounds=content_runs)
