"""What English is called."""

from __future__ import annotations

from languages.names import Names

NAMES = Names(
    english="English",
    own="English",
    code_3="eng",
    others={"en": "English", "vi": "Vietnamese", "id": "Indonesian", "fr": "French"},
)
