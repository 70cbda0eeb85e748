"""Templates are found by name, version or path, and a broken one says where."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from languages.find import find_language
from prompts import catalogue
from prompts.tasks import JudgeTask
from schemas.errors import InputError, StorageError
from testing.prompt_kinds import TASKS

VI = find_language("vi")

GOOD = "{% block system %}S{% endblock %}{% block user %}{{ lemma }}{% endblock %}"


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_every_built_in_template_uses_only_the_fields_of_its_task() -> None:
    assert {name.split(".")[0] for name in catalogue.names(VI)} == set(TASKS)
    for name in catalogue.names(VI):
        prompt = catalogue.load(name, VI, TASKS[name.split(".")[0]])
        assert f"{prompt.id}.{prompt.version}" == name


def test_a_bare_name_is_its_newest_version(tmp_path: Path) -> None:
    for version in (1, 9, 10):
        write(tmp_path / f"judge.v{version}.j2", GOOD + str(version))
    language = replace(VI, prompts=replace(VI.prompts, folder=tmp_path))
    assert catalogue.load("judge", language).version == "v10"
    assert catalogue.load("judge.v9", language).version == "v9"
    assert catalogue.names(language) == ("judge.v1", "judge.v9", "judge.v10")


def test_a_changed_template_has_another_digest_and_the_same_text_the_same(tmp_path: Path) -> None:
    one = catalogue.load(write(tmp_path / "mine.j2", GOOD), VI)
    two = catalogue.load(write(tmp_path / "mine2.j2", GOOD), VI)
    changed = catalogue.load(write(tmp_path / "mine.j2", GOOD + " "), VI)
    assert one.digest == two.digest != changed.digest


def test_a_users_file_without_a_version_is_versioned_by_its_content(tmp_path: Path) -> None:
    prompt = catalogue.load(write(tmp_path / "mine.j2", GOOD), VI)
    assert (prompt.id, prompt.version) == ("mine", prompt.digest[:8])
    named = catalogue.load(write(tmp_path / "mine.v3.j2", GOOD), VI)
    assert (named.id, named.version) == ("mine", "v3")


def test_a_path_is_relative_to_the_folder_that_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "prompts").mkdir()
    write(tmp_path / "prompts" / "mine.j2", GOOD)
    monkeypatch.chdir("/")
    prompt = catalogue.load("prompts/mine.j2", VI, JudgeTask, tmp_path)
    assert prompt.source == str(tmp_path / "prompts" / "mine.j2")
    absolute = str(tmp_path / "prompts" / "mine.j2")
    assert catalogue.load(absolute, VI, JudgeTask, tmp_path / "elsewhere").source == absolute


def test_a_pipe_or_a_folder_is_no_template(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.j2")
    (tmp_path / "folder.j2").mkdir()
    for name in ("pipe.j2", "folder.j2"):
        with pytest.raises(InputError, match=rf"{name}: not a file"):
            catalogue.load(str(tmp_path / name), VI)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"no prompt is called 'glosse'.*glosses\.v3"):
        catalogue.load("glosse", VI)


def test_a_missing_file_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no such file"):
        catalogue.load(str(tmp_path / "none.j2"), VI)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{% block system %}\n{{ lemma }\n{% endblock %}", r"mine\.j2:2: "),
        ("{% block system %}x{% endblock %}", r"mine\.j2:1: the block 'user' is missing"),
        (
            GOOD + "\n{# #}\n{% block more %}\n{{ lema }}{% endblock %}",
            r"mine\.j2:4: 'lema' is not",
        ),
    ],
)
def test_a_broken_template_is_one_line_with_file_and_line(
    tmp_path: Path, text: str, message: str
) -> None:
    path = write(tmp_path / "mine.j2", text)
    with pytest.raises(InputError, match=message) as caught:
        catalogue.load(path, VI, JudgeTask)
    assert "\n" not in str(caught.value)


def test_a_template_in_another_encoding_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.j2"
    path.write_bytes(GOOD.encode() + "\né".encode("latin-1"))
    with pytest.raises(InputError, match=r"mine\.j2:2: not UTF-8"):
        catalogue.load(str(path), VI)
