"""Words that Indonesian lemmas begin with, or not: kinds of plants and animals, persons, things."""

from __future__ import annotations

from languages.linking import Linking

LINKING = Linking(
    classifiers=frozenset(
        {"alat", "burung", "buah", "bunga", "daun", "hal", "ikan", "ilmu", "juru", "kaum", "orang"}
        | {"penyakit", "pohon", "pulau", "rasa", "si", "suku", "sungai", "tanaman", "tukang"}
    ),
    sounds=(("kh", "k"), ("sy", "s"), ("tj", "c"), ("y", "i"), ("w", "v"), ("z", "s"), ("x", "ks")),
)
