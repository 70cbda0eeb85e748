"""The Vietnamese WordNet of viet.wordnet.vn."""

from __future__ import annotations

from languages.wordnet import OwnWordNet

WORDNET = OwnWordNet(
    prefix="viwn",
    name="Vietnamese WordNet",
    url="http://viet.wordnet.vn",
    licence="copyright viet.wordnet.vn and vi.wiktionary; no open licence stated",
)
