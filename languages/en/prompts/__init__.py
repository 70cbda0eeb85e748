"""How a language model is asked in English."""

from __future__ import annotations

from pathlib import Path

from languages.prompts import PromptSet, ReplyFields

PROMPTS = PromptSet(
    folder=Path(__file__).parent,
    reply_fields=ReplyFields(
        gloss="A dictionary definition in one line",
        contexts="The sentences, each with exactly one target word in [[ ]]",
        lemma="The target word, written exactly as given",
        words="One item for each target word",
        sentence="The number of the sentence",
        sense="The number of the sense, 0 if no sense is right",
        choices="One item for each sentence",
    ),
)
