"""A lemma is found in whatever form it stands, as a word of its own."""

import pytest

from languages.find import find_language
from pipeline.checks.occurrences import occurrences
from schemas.records import Pos

N, V, A = Pos.NOUN, Pos.VERB, Pos.ADJ


@pytest.mark.parametrize(
    ("code", "lemma", "pos", "sentence", "found"),
    [
        ("en", "drill", V, "he drilled a hole", ["drilled"]),
        ("en", "drill", V, "Drill, and drill again", ["Drill", "drill"]),
        ("en", "take off", V, "She took off her hat", ["took off"]),
        ("en", "take off", V, "She took her hat off", []),
        ("en", "dog", N, "the dogs' bowls and the dog's bone", ["dogs", "dog"]),
        ("en", "won", N, "we won't pay in won", ["won"]),
        ("en", "known", A, "a well-known name", []),
        ("en", "well-known", A, "a well-known name", ["well-known"]),
        ("en", "A.D.", N, "in A.D. 79, as in 79 A.D.", ["A.D.", "A.D."]),
        ("en", "'tween", N, "he went 'tween decks", ["'tween"]),
        ("en", "dog", N, "", []),
        ("en", "!!", N, "what!!", []),
        ("vi", "hoà", A, "Hai bên hòa, không ai thua ai.", ["hòa"]),
        ("vi", "máy khoan", N, "Mua máy khoan mới thay cái máy cũ.", ["máy khoan"]),
    ],
)
def test_spans(code: str, lemma: str, pos: Pos, sentence: str, found: list[str]) -> None:
    spans = occurrences(sentence, lemma, pos, find_language(code))
    assert [sentence[start:end] for start, end in spans] == found
