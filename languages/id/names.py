"""What Indonesian is called."""

from __future__ import annotations

from languages.names import Names

NAMES = Names(
    english="Indonesian",
    own="bahasa Indonesia",
    code_3="ind",
    others={
        "id": "bahasa Indonesia",
        "en": "bahasa Inggris",
        "ms": "bahasa Melayu",
        "vi": "bahasa Vietnam",
        "nl": "bahasa Belanda",
    },
)
