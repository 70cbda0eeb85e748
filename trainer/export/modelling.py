"""The modelling file of an exported folder, and what its configuration says of it.

Imports no torch, so that publishing can look at a folder without it.
"""

from __future__ import annotations

from languages.find import find_language
from trainer.export.one_file import one_file

MODELLING = "modeling_viconbert.py"
AUTO_MAP = {
    "AutoConfig": "modeling_viconbert.SenseEncoderConfig",
    "AutoModel": "modeling_viconbert.SenseEncoder",
}
_HEAD = '''\
# Copyright the authors of viconwsd. Licensed under the Apache License, Version 2.0.
"""A sense-aware encoder: ``AutoModel.from_pretrained(FOLDER, trust_remote_code=True)``.

Written by ``viconwsd export`` from the sources that are named above each part; change those.
"""'''


def modelling_file(language_code: str, segmenter: str) -> str:
    """The source of the modelling file: one for each language and for what a word is."""
    language = f"languages.{find_language(language_code).code}"
    words, cut = ("trainer.text.words", "split_units"), "split_units"
    if segmenter != "units":
        words, cut = (f"{language}.segmentation", "SEGMENTATION"), "SEGMENTATION.segment"
    model = "trainer.export.hub_model"
    wanted = [(model, "SenseEncoder"), (model, "WordRules"), (f"{language}.spelling", "SPELLING")]
    tail = f"SenseEncoder.rules = WordRules({cut}, SPELLING.match_key)"
    return one_file([*wanted, words], _HEAD, tail)
