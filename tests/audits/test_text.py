import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from audits.text import canonical, showable
from tests.audits.world import TEXTS


def test_a_shown_text_holds_what_xml_can_hold_and_keeps_its_length():
    assert showable("hai\x00 dòng\nmột\tcột\x85") == "hai\ufffd dòng\nmột\ufffdcột\ufffd"


def test_a_text_that_looks_like_an_escape_of_a_spreadsheet_is_shown_otherwise():
    assert showable("_x0041_ _x005F_x0041_ _x41_ _X0041_ x_0041") == (
        "\uff3fx0041_ \uff3fx005F\uff3fx0041_ _x41_ _X0041_ x_0041"
    )


@given(st.text())
def test_shown_keeps_every_place_so_that_spans_stay_right(text):
    assert len(showable(text)) == len(text)
    assert showable(showable(text)) == showable(text)


def test_canonical_forgives_nfd_line_ends_and_blanks_at_the_ends():
    text = "nghễnh\nngãng"
    assert canonical(unicodedata.normalize("NFD", text).replace("\n", "\r\n") + " \u00a0") == text


def test_canonical_keeps_every_other_difference():
    for other in ("Nghễnh", "nghênh", "ngh ễnh", "nghễnh.", "nghễ\u200bnh"):
        assert canonical(other) != canonical("nghễnh")


def test_fold_drops_case_marks_and_blanks():
    assert TEXTS.fold("  ĐÚNG một\u00a0phần ") == TEXTS.fold("dung mot phan") == "dung mot phan"
    assert TEXTS.fold(unicodedata.normalize("NFD", "Không chắc")) == "khong chac"
