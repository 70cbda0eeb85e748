"""``viconwsd init`` writes what can be run, moved and read by TOML, or says what is missing."""

import filecmp
import shutil
import tomllib
from pathlib import Path

import pytest

from pipeline.cli.main import exit_code
from pipeline.config import load_config
from pipeline.presets import DATA, presets, run_toml
from testing.wordnet_database import write_database

ROOT = Path(__file__).resolve().parents[3]
OF_MODELS = [preset for preset in presets() if preset != "demo"]


@pytest.fixture
def wordnet(tmp_path: Path) -> Path:
    folder = tmp_path / "wordnet"
    folder.mkdir()
    return folder


def test_every_preset_is_a_file_and_is_named_in_the_readme() -> None:
    files = {file.stem for file in (DATA / "presets").glob("*.toml")}
    assert set(presets()) == files - {"common"}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [preset for preset in presets() if f"`{preset}`" not in readme] == []


@pytest.mark.parametrize("preset", OF_MODELS)
def test_a_preset_with_a_source_loads_and_is_not_overwritten(
    preset: str, tmp_path: Path, wordnet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["init", str(tmp_path / "run"), "--preset", preset, "--source", str(wordnet)]
    assert exit_code(given) == 0
    config = load_config(tmp_path / "run")
    assert config.source.path == wordnet
    assert exit_code(given) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize("preset", OF_MODELS)
def test_a_preset_without_a_source_says_what_to_give_and_writes_nothing(
    preset: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["init", str(tmp_path / "run"), "--preset", preset]) == 2
    told = capsys.readouterr().err
    assert f"preset {preset} needs a WordNet to read: give --source PATH" in told
    assert told.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_the_demo_brings_its_own_source(tmp_path: Path, wordnet: Path) -> None:
    given = ["init", str(tmp_path / "run"), "--source", str(wordnet)]
    assert exit_code(given) == 2
    assert not (tmp_path / "run").exists()


def test_a_demo_folder_is_whole_and_can_be_moved(tmp_path: Path) -> None:
    assert exit_code(["init", str(tmp_path / "here")]) == 0
    text = (tmp_path / "here" / "run.toml").read_text(encoding="utf-8")
    assert ".." not in text
    assert str(ROOT) not in text
    shutil.move(tmp_path / "here", tmp_path / "there")
    config = load_config(tmp_path / "there")
    assert config.replay is not None
    for name, path in (("lexicon", config.source.path), ("replies", config.replay.folder)):
        compared = filecmp.dircmp(DATA / "demo" / name, config.resolve(path))
        assert compared.same_files
        assert compared.left_list == compared.right_list == compared.same_files


def test_a_demo_that_is_written_anew_keeps_no_file_of_the_old_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "demo" / "lexicon" / "old.csv"
    old.parent.mkdir(parents=True)
    old.write_text("1,cũ\n", encoding="utf-8")
    assert exit_code(["init", str(tmp_path)]) == 2
    assert f"{tmp_path / 'demo'} is there already" in capsys.readouterr().err
    assert old.exists()
    assert exit_code(["init", str(tmp_path), "--force"]) == 0
    assert not old.exists()


def test_a_relative_source_is_written_relative_to_the_run_folder(
    tmp_path: Path, wordnet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert exit_code(["init", "runs/mine", "--preset", "vllm", "--source", "wordnet"]) == 0
    config = load_config(tmp_path / "runs" / "mine")
    assert config.source.path == Path("../../wordnet")
    assert config.resolve(config.source.path).resolve() == wordnet


def test_a_path_is_escaped_as_toml_wants_it(tmp_path: Path) -> None:
    odd = tmp_path / 'a "quoted" \\ folder'
    odd.mkdir()
    text = run_toml("openai", tmp_path, odd)
    assert tomllib.loads(text)["source"]["path"] == str(odd)


@pytest.mark.parametrize(
    "name", ["two\nlines", b"not-\xff-utf8".decode("utf-8", "surrogateescape")]
)
def test_a_path_that_toml_cannot_hold_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = tmp_path / name
    odd.mkdir()
    given = ["init", str(tmp_path / "run"), "--preset", "openai", "--source", str(odd)]
    assert exit_code(given) == 2
    assert "run.toml cannot hold this path" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_the_kind_of_a_source_is_told_by_its_name(tmp_path: Path) -> None:
    for name, kind in (("w.tab", "omw"), ("w.xml.gz", "lmf"), ("w.tar.xz", "csv")):
        (tmp_path / name).touch()
        text = run_toml("openai", tmp_path, tmp_path / name)
        assert tomllib.loads(text)["source"]["kind"] == kind


def test_a_preset_has_the_last_word_over_the_common_sections(tmp_path: Path, wordnet: Path) -> None:
    demo, plain = run_toml("demo", tmp_path), run_toml("openai", tmp_path, wordnet)
    assert tomllib.loads(demo)["contexts"]["per_sense"] == 20
    assert tomllib.loads(plain)["contexts"]["per_sense"] == 10
    for text in (demo, plain):
        headers = [line for line in text.splitlines() if line.startswith("[")]
        assert len(headers) == len(set(headers))
        assert "[judge]" in headers


def test_princetons_files_are_known_and_their_own_texts_are_kept(tmp_path: Path) -> None:
    write_database(tmp_path / "dict", [])
    run = tmp_path / "run"
    given = ["init", str(run), "--preset", "ollama", "--source", str(tmp_path / "dict")]
    assert exit_code(given) == 0
    config = load_config(run)
    assert (config.source.kind, config.run.language) == ("princeton", "en")
    assert (config.glosses.source, config.contexts.source) == ("keep", "keep")


def test_another_language_is_written_if_it_has_a_folder(
    tmp_path: Path, wordnet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["init", str(tmp_path / "run"), "--preset", "ollama", "--source", str(wordnet)]
    assert exit_code([*given, "--language", "xx"]) == 2
    assert "no folder for the language 'xx'; there are en, " in capsys.readouterr().err
    assert exit_code([*given, "--language", "en-GB"]) == 0
    config = load_config(tmp_path / "run")
    assert (config.source.kind, config.run.language, config.glosses.source) == ("csv", "en", "ask")
