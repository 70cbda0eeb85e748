"""The English texts around words, glosses and sentences in training and evaluation."""

from __future__ import annotations

from languages.training import TrainingTexts

TRAINING = TrainingTexts(
    example_label="For example:",
    carriers={
        "noun": ("This is about {}.", "They are talking about {}.", "The text mentions {}."),
        "verb": ("They will {}.", "We wanted to {}.", "Anyone can {}."),
        "adj": ("It is very {}.", "Everything seems {}.", "It became more {} than before."),
    },
)
