"""What Vietnamese is called."""

from __future__ import annotations

from languages.names import Names

NAMES = Names(
    english="Vietnamese",
    own="tiếng Việt",
    code_3="vie",
    others={"vi": "tiếng Việt", "en": "tiếng Anh", "id": "tiếng Indonesia", "fr": "tiếng Pháp"},
)
