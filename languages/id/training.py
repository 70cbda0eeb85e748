"""The Indonesian texts around words, glosses and sentences in training and evaluation."""

from __future__ import annotations

from languages.training import TrainingTexts

TRAINING = TrainingTexts(
    example_label="Contoh:",
    carriers={
        "noun": ("Ini {}.", "Mereka membicarakan {}.", "Tulisan ini tentang {}."),
        "verb": ("Mereka sedang {}.", "Kami akan {}.", "Siapa pun dapat {}."),
        "adj": ("Itu sangat {}.", "Semuanya tampak {}.", "Keadaannya menjadi lebih {}."),
    },
)
