"""Ids come from content and from the source's ids, and distinct things have distinct ids."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import content_digest, context_id, sense_id, synset_id, synset_of


def test_ids_read_as_documented() -> None:
    assert synset_id("viwn", 9017) == "viwn-9017"
    assert sense_id("viwn-9017", "cái khoan") == "viwn-9017#cái_khoan"
    assert synset_of("viwn-9017#cái_khoan") == "viwn-9017"


def test_a_context_id_changes_with_sense_sentence_and_span() -> None:
    base = context_id("a-1#đá", "Nó đá đá.", 3, 5)
    assert base == context_id("a-1#đá", "Nó đá đá.", 3, 5)
    others = {
        context_id("a-2#đá", "Nó đá đá.", 3, 5),
        context_id("a-1#đá", "Nó đá đá!", 3, 5),
        context_id("a-1#đá", "Nó đá đá.", 6, 8),
    }
    assert len(others | {base}) == 4


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_the_digest_depends_on_the_borders_between_parts(a: list[str], b: list[str]) -> None:
    assert (content_digest(*a) == content_digest(*b)) == (a == b)
