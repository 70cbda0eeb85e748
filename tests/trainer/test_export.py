"""An exported folder opens without the project, and says what the model says that it came from."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import types
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_release import VI, tiny_settings

from languages.find import find_language
from pipeline.cli.main import exit_code
from trainer.data import Item, WsdData
from trainer.export.modelling import modelling_file
from trainer.export.one_file import one_file
from trainer.inference import Disambiguator
from trainer.inference.marking import find_target
from trainer.settings import RankerSettings
from trainer.storage.manifest import MANIFEST, write_manifest
from trainer.training.run import train_model

TARGETS = [
    (target.sentence, target.start, target.end)
    for target in (
        find_target("họ [[khoan]] giếng lấy nước", VI),
        find_target("mũi [[khoan]] này đã cùn, phải mua cái khác ở chợ", VI),
        find_target("Đội nhà thắng hai [[bàn]] trắng.", VI),
        find_target("[[lan can]] ban công bằng sắt", VI),
    )
]
ELSEWHERE = """
import json, runpy, sys

sys.path.append(sys.argv[1])
for ours in ("trainer", "schemas", "languages", "pipeline"):
    try:
        __import__(ours)
    except ModuleNotFoundError:
        continue
    raise SystemExit(f"{ours} can be imported here")
from transformers import AutoModel, AutoTokenizer

damaged, *folders = sys.argv[2:]
try:
    AutoModel.from_pretrained(damaged, trust_remote_code=True)
except ValueError as error:
    print(error)
for folder in folders:
    sys.argv[1:] = [folder]
    runpy.run_path(f"{folder}/use.py")
    model = AutoModel.from_pretrained(folder, trust_remote_code=True)
    targets = [tuple(target) for target in json.load(open(f"{folder}/targets.json"))]
    answers = [model.disambiguate(*target) for target in targets]
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
    try:
        model.encode([("một câu", 3, 3)])
    except Exception as error:
        refused = str(error)
    json.dump(
        {
            "vectors": model.encode(targets, batch_size=3).tolist(),
            "answers": [[sense.sense_id for sense in answer] for answer in answers],
            "scores": [[sense.score for sense in answer] for answer in answers],
            "arrays": {k: v.tolist() for k, v in model.arrays(targets).items()},
            "none": model.disambiguate("một câu", 0, 3),
            "refused": refused,
            "tokens": tokenizer("khoan").input_ids,
        },
        open(f"{folder}/found.json", "w"),
    )
"""


@dataclass(frozen=True)
class Exported:
    """A trained model, its exported folder, and what that said in a process without the project."""

    model: Path
    folder: Path
    said: str
    found: dict[str, object]


def script_of(card: str) -> str:
    """The first Python block of a card."""
    found = re.search(r"```python\n(.*?)```", card, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def exported(
    data: WsdData, decoder: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Exported]:
    """By the kind of the encoder; one process reads both folders."""
    torch.set_num_threads(1)
    folders = {}
    reading = RankerSettings(layers=(1,), epochs=1)
    for kind, changes in {
        "small": {},
        "decoder": {"backbone": decoder, "ranker": reading, "freeze_backbone": True},
    }.items():
        run = tmp_path_factory.mktemp(kind)
        model = train_model(data, tiny_settings(epochs=1, **changes), run, lambda _: None).folder
        folder = run / "hub"
        command = ["export", "-m", str(model), "-o", str(folder), "--licence", "CC BY-SA 4.0"]
        assert exit_code([*command, "--onnx"]) == 0
        script = script_of((folder / "README.md").read_text(encoding="utf-8"))
        assert script.count("\n") <= 30
        (folder / "use.py").write_text(script, encoding="utf-8")
        (folder / "targets.json").write_text(json.dumps(TARGETS))
        folders[kind] = (model, folder)
    damaged = Path(shutil.copytree(folders["small"][1], tmp_path_factory.mktemp("cut") / "hub"))
    vectors = load_file(damaged / "sense_vectors.safetensors")["vectors"]
    save_file({"vectors": vectors[:-1].clone()}, damaged / "sense_vectors.safetensors")
    places = [str(damaged), *(str(folder) for _, folder in folders.values())]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ELSEWHERE, sysconfig.get_path("purelib"), *places],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path_factory.mktemp("elsewhere"),
        env={"HF_MODULES_CACHE": str(tmp_path_factory.mktemp("code")), "HF_HUB_OFFLINE": "1"},
    )
    assert done.returncode == 0, done.stderr
    return {
        kind: Exported(model, folder, done.stdout, json.loads((folder / "found.json").read_text()))
        for kind, (model, folder) in folders.items()
    }


@pytest.fixture(params=["small", "decoder"])
def one(request: pytest.FixtureRequest, exported: dict[str, Exported]) -> Exported:
    return exported[request.param]


def items() -> list[Item]:
    return [
        Item(str(at), "", "", sentence[start:end], "", sentence, start, end, "")
        for at, (sentence, start, end) in enumerate(TARGETS)
    ]


def test_its_vectors_and_cosines_are_the_model_s(one: Exported) -> None:
    ranker = Disambiguator.open(one.model).ranker
    vectors = ranker.vectors(items())
    np.testing.assert_allclose(one.found["vectors"], vectors, atol=1e-5)
    candidates = [ranker.inventory.candidates(item.lemma) for item in items()]
    signals = ranker.signals(items(), candidates, vectors)
    for at, (own, table) in enumerate(zip(candidates, signals, strict=True)):
        best = np.argsort(-table[:, 1], kind="stable")
        assert one.found["answers"][at] == [own[i].sense_id for i in best]
        np.testing.assert_allclose(one.found["scores"][at], table[best, 1], atol=1e-5)


def test_the_script_of_its_card_runs(exported: dict[str, Exported]) -> None:
    said = exported["small"].said
    assert re.findall(r"^\(1, \d+\)$", said, re.MULTILINE) == ["(1, 12)", "(1, 16)"]
    assert len(re.findall(r"^-?\d\.\d{3}  (noun|verb)  s\d#khoan  ", said, re.MULTILINE)) == 4


def test_senses_without_their_vectors_are_told_when_it_is_opened(
    exported: dict[str, Exported],
) -> None:
    (told,) = re.findall(r".*do not go together.*", exported["small"].said)
    assert told.endswith(
        "hub: senses.jsonl and sense_vectors.safetensors do not go together: copy it again"
    )


def test_an_unknown_word_has_no_senses_and_a_span_of_nothing_is_refused(one: Exported) -> None:
    assert one.found["none"] == []
    assert one.found["refused"] == (
        "target 0: span [3:3] marks no text in 'một câu': correct the span"
    )


def test_its_tokenizer_is_the_model_s(one: Exported) -> None:
    tokenizer = Disambiguator.open(one.model).ranker.inputs.pieces.tokenizer
    assert one.found["tokens"] == tokenizer("khoan").input_ids


def test_the_onnx_graph_gives_the_same_vectors_at_every_size(one: Exported) -> None:
    session = onnxruntime.InferenceSession(
        str(one.folder / "encoder.onnx"), providers=["CPUExecutionProvider"]
    )
    kinds = {"input_ids": np.int64, "attention_mask": np.int64, "target_mask": np.bool_}
    given = {name: np.array(one.found["arrays"][name], kind) for name, kind in kinds.items()}
    longest = int(given["attention_mask"][0].sum())
    for rows, length in ((len(TARGETS), None), (1, longest)):
        cut = {name: array[:rows, :length] for name, array in given.items()}
        (found,) = session.run(None, cut)
        np.testing.assert_allclose(found, one.found["vectors"][:rows], atol=1e-4)


def test_what_leaves_is_named_by_its_card(one: Exported) -> None:
    card = (one.folder / "README.md").read_text(encoding="utf-8")
    assert "license: cc-by-sa-4.0" in card
    assert "pip install torch transformers\n" in card
    assert "cosine alone" in card
    assert {path.name for path in one.folder.iterdir()} >= {
        "modeling_viconbert.py", "senses.jsonl", "sense_vectors.safetensors", "training.json"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (["schemas.text._SPACES", "languages.audit._SPACES"], "defined in two modules: _SPACES"),
        (["trainer.model.small.small_model"], "an import of trainer.model.config inside"),
        (["trainer.model.nowhere.x"], "no module trainer.model.nowhere"),
    ],
)
def test_what_cannot_be_put_into_one_file_is_refused(wanted: list[str], words: str) -> None:
    places = [(module, name) for module, _, name in (path.rpartition(".") for path in wanted)]
    with pytest.raises(ValueError, match=words):
        one_file(places, "", "")


def test_one_file_holds_what_is_used_and_no_more() -> None:
    """Definitions as they stand, below those that they use, with the imports that they need."""
    assert one_file([("schemas.text", "normalise")], "# head", "# tail") == (
        "# head\n\n\nfrom __future__ import annotations\n\nimport re\nimport unicodedata\n\n\n"
        '# schemas.text\n\n\n_SPACES = re.compile(r"\\s+")\n\n\n'
        "def normalise(text: str) -> str:\n"
        '    """The text in NFC, every run of white space one space, none at the ends."""\n'
        '    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()\n\n\n# tail\n'
    )


@pytest.mark.parametrize("code", ["vi", "en", "id"])
def test_the_code_cuts_and_spells_as_the_language_does(code: str) -> None:
    module = types.ModuleType(f"exported_{code}")
    sys.modules[module.__name__] = module
    source = modelling_file(code, "language")
    exec(compile(source, module.__name__, "exec"), module.__dict__)
    del sys.modules[module.__name__]
    assert not re.search(r"^\s*(from|import) (trainer|schemas|languages)", source, re.MULTILINE)
    language = find_language(code)
    text = "Hòa  bình, it's Café (well-known) ở Hà Nội."
    assert module.SenseEncoder.rules.segment(text) == language.segmentation.segment(text)
    assert module.SenseEncoder.rules.match_key(text) == language.match_key(text)


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    capsys.readouterr()
    code = exit_code(["export", *map(str, arguments)])
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return code, said


@pytest.fixture
def copy(exported: dict[str, Exported], tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported["small"].model, tmp_path / "model"))


def test_without_a_model_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = refusal(capsys, "-m", tmp_path / "none", "-o", tmp_path / "hub")
    assert (code, (tmp_path / "hub").exists()) == (1, False)
    assert "no trained_on.json: give the model folder" in said


def test_a_folder_that_holds_something_is_left_alone(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = tmp_path / "held"
    held.mkdir()
    (held / "mine.txt").write_text("mine")
    code, said = refusal(capsys, "-m", copy, "-o", held)
    assert (code, [path.name for path in held.iterdir()]) == (2, ["mine.txt"])
    assert f"{held}: there is something already: name a new folder" in said


def test_a_model_of_another_version_or_without_numbers_is_refused(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = load_file(copy / "model.safetensors")
    weights["head.project_out.bias"].fill_(float("nan"))
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    (copy / MANIFEST).unlink()
    write_manifest(copy, "other")
    code, said = refusal(capsys, "-m", copy, "-o", tmp_path / "hub")
    assert (code, "are not all numbers" in said) == (1, True)
    (copy / MANIFEST).write_text('{"identity": "0"}')
    code, said = refusal(capsys, "-m", copy, "-o", tmp_path / "hub")
    assert (code, "another version" in said) == (1, True)
    assert not (tmp_path / "hub").exists()


def test_an_exported_folder_is_no_model_to_the_project(
    exported: dict[str, Exported], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = refusal(capsys, "-m", exported["small"].folder, "-o", tmp_path / "again")
    assert (code, "give the model folder that `viconwsd train` wrote" in said) == (1, True)
