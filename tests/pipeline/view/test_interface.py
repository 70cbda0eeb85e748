"""Every text of the pages has a translation in every language of the interface."""

import re
import string

import pytest

from languages.find import find_language, known_languages
from pipeline.view.render import MENU_NAMES, TEMPLATES

SAID = re.compile(r"""say\(\s*(?:"([^"]+)"|'([^']+)')\s*[,)]""")
OTHERS = [code for code in known_languages() if find_language(code).interface.texts]


def said() -> set[str]:
    found = set(MENU_NAMES.values())
    for path in TEMPLATES.glob("*.html"):
        found |= {a or b for a, b in SAID.findall(path.read_text(encoding="utf-8"))}
    return found


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_of_the_pages_is_there(code: str) -> None:
    texts = find_language(code).interface.texts
    assert said() - texts.keys() == set()


@pytest.mark.parametrize("code", OTHERS)
def test_a_text_fills_in_what_the_english_one_does(code: str) -> None:
    def filled(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}

    for english, own in find_language(code).interface.texts.items():
        assert filled(english) == filled(own), english


def test_all_languages_say_the_same() -> None:
    first, *others = (set(find_language(code).interface.texts) for code in OTHERS)
    assert all(other == first for other in others)
