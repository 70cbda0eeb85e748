"""How a language model is asked in English."""

from __future__ import annotations

from pathlib import Path

from languages.prompts import PromptSet, ReplyFields

PROMPTS = PromptSet(
    folder=Path(__file__).parent,
    reply_fields=ReplyFields(
        gloss="A dictionary definition in one line; empty if there is none",
        number="Number of the group",
        same_as="Number of the group with exactly this meaning; 0 if there is none",
        glosses="One entry for each group to be defined",
        word="The word that the definition brings to mind",
        choice="Number of the group that is defined, 0 if none is",
        contexts="The sentences, each with exactly one target word in [[ ]]",
        lemma="The target word, written exactly as given",
        words="One item for each target word",
        sentence="The number of the sentence",
        sense="The number of the sense, 0 if no sense is right",
        choices="One item for each sentence",
        english="English words with this meaning, the most frequent first",
        synsets="One entry for each group",
        entry="Number of the entry with the same meaning, 0 if there is none",
        text="The new sentence, with exactly one place in [[ ]]",
        rephrased="One item for each sentence",
    ),
)
