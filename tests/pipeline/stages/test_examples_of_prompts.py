"""A prompt's own example, sent back with another target, is no context."""

from languages.find import find_language
from pipeline.checks.duplicates import Accepted
from pipeline.checks.marks import Sound
from pipeline.stages.context_intake import example_sentences
from prompts.catalogue import load

VI = find_language("vi")


def test_the_examples_of_both_templates_are_found() -> None:
    single = example_sentences(load("contexts", VI).text)
    assert [sound.target for sound in single] == ["khoan", "khoan"]
    assert {sound.target for sound in example_sentences(load("contexts_group", VI).text)} == {
        "khoan",
        "dùi",
    }


def test_an_example_with_another_target_is_found_and_another_sentence_is_not() -> None:
    accepted = Accepted(VI, 0.6, example_sentences(load("contexts", VI).text))
    copied = Sound("Muốn bắt vít cho chắc thì phải bôi xấu mồi trước đã, cháu ạ!", 31, 38)
    assert copied.target == "bôi xấu"
    found = accepted.finding(copied)
    assert found is not None
    assert found.code == "duplicate"
    own = Sound("Chúng nó bịa chuyện để bôi xấu một người vô tội.", 23, 30)
    assert own.target == "bôi xấu"
    assert accepted.finding(own) is None


def test_a_template_without_examples_has_none() -> None:
    assert example_sentences("{% block user %}đặt trong [[ ]] một lần{% endblock %}") == ()
