"""An English data set from its source to an evaluated model, with recorded replies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import orjson
import pytest

from audits.figures import read_report
from languages.find import find_language
from pipeline.binding import all_stages
from pipeline.cli.main import exit_code
from pipeline.config import load_config
from pipeline.engine.manifest import StageManifest
from pipeline.release.manifest import ReleaseManifest
from pipeline.stages.requests import AskingStage
from schemas.files import read_json
from schemas.records import Example, Split
from schemas.tables import read_table
from testing.outputs import current_output
from tests.languages.en.demo_data import CONTEXTS, KEPT, LINES, write_demo

EN = find_language("en")
VIETNAMESE = {letter for letter in find_language("vi").spelling.letters if not letter.isascii()}
RUN_TOML = """\
[run]
language = "en"

[source]
kind = "princeton"
path = "wordnet"
name = "an English lexicon of twenty synsets"
licence = "apache-2.0"

[llm]
base_url = "http://recorded.invalid/v1"
model = "recorded-replies"

[replay]
folder = "replies"

[glosses]
source = "keep"

[contexts]
source = "keep"
per_sense = 4

[split]
validation = 0.1
test_seen = 0.1
test_unseen_sense = 0.1
test_unseen_lemma = 0.1

[audit]
size = 20
annotators = ["Ann", "Bob"]
overlap = 0.5

[train]
epochs = 2
gloss_width = 16
head_width = 32
heads = 1
small = { width = 32, layers = 1, heads = 2, vocabulary = 400 }
threads = 1

[evaluate]
bootstrap_samples = 50
bem = false
frozen_backbone = false
threads = 1
all_words = ["sets/tiny"]
"""
ALL_WORDS = """\
<corpus lang="en"><text id="d0"><sentence id="s0">
<wf lemma="we" pos="PRON">We</wf><instance id="t0" lemma="drill" pos="VERB">drilled</instance>
<wf lemma="the" pos="DET">the</wf><wf lemma="wall" pos="NOUN">wall</wf>
<wf lemma="by" pos="ADP">by</wf><instance id="t1" lemma="bank" pos="NOUN">banks</instance>
</sentence></text></corpus>
"""


@dataclass(frozen=True, slots=True)
class Demo:
    """A run folder in which everything is done."""

    folder: Path
    ids: Mapping[str, str]
    """Of the senses by name."""
    bad: str
    """The one sentence that the auditors judged bad."""
    said: str
    """What the commands said."""

    def stage(self, name: str) -> StageManifest:
        """What a stage notes about itself."""
        return current_output(self.folder, name).manifest

    def release(self) -> ReleaseManifest:
        """The manifest of the release."""
        path = self.folder / "release" / "manifest.json"
        return read_json(path, ReleaseManifest, "a manifest", "")

    def examples(self) -> list[Example]:
        """All rows of the release."""
        paths = sorted((self.folder / "release").glob("data/examples/*.parquet"))
        return [row for path in paths for row in read_table(path, Example)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Source, release, audit, the release again with the audit's answers, model, evaluation."""
    folder = tmp_path_factory.mktemp("english")
    ids = write_demo(folder)
    (folder / "run.toml").write_text(RUN_TOML, encoding="utf-8")
    sets = folder / "sets" / "tiny"
    sets.mkdir(parents=True)
    (sets / "tiny.data.xml").write_text(ALL_WORDS, encoding="utf-8")
    (sets / "tiny.gold.key.txt").write_text("t0 drill%2:35:00::\nt1 bank%1:14:00::\n")
    config = ["-c", str(folder / "run.toml")]
    with pytest.MonkeyPatch.context() as patch:
        said: list[str] = []
        patch.setattr("click.echo", lambda text="", **_: said.append(str(text)))
        assert exit_code(["run", *config]) == 0
        assert exit_code(["audit", "sample", *config]) == 0
        bad = sorted(sentences(folder, "Ann") & sentences(folder, "Bob"))[0]
        books = [str(fill_in(folder, name, bad)) for name in ("Ann", "Bob")]
        assert exit_code(["audit", "import", *config, *books]) == 0
        assert exit_code(["audit", "report", *config]) == 0
        assert exit_code(["run", *config]) == 0
        assert exit_code(["train", *config]) == 0
        assert exit_code(["evaluate", *config]) == 0
    return Demo(folder, ids, bad, "\n".join(said))


def workbook(folder: Path, name: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(folder / "audits" / "audit" / "workbooks" / f"{name}.xlsx")


def sentences(folder: Path, name: str) -> set[str]:
    """What an annotator is shown."""
    rows = workbook(folder, name)["Questions"].iter_rows(min_row=3, values_only=True)
    return {str(row[1]) for row in rows}


def fill_in(folder: Path, name: str, bad: str) -> Path:
    """An annotator's workbook in which every sentence is judged good but one."""
    book = workbook(folder, name)
    sheet = book["Questions"]
    columns = {cell.value: cell.column for cell in sheet[2]}
    for row in range(3, sheet.max_row + 1):
        sentence = str(sheet.cell(row, columns["Sentence (word in bold)"]).value)
        word = "Other sense" if sentence == bad else "Right"
        sheet.cell(row, columns["1. Natural sentence?"], "Yes")
        sheet.cell(row, columns["2. Word used in this sense?"], word)
        sheet.cell(row, columns["3. Definition right for the words?"], "right")
    filled = folder / f"{name}.xlsx"
    book.save(filled)
    return filled


def test_the_source_keeps_its_definitions_and_examples_and_a_model_writes_the_rest(
    demo: Demo,
) -> None:
    assert demo.stage("synsets").counts == {
        "synsets": 20,
        "senses": 25,
        "senses_monosemous": 6,
        "senses_cross_pos": 4,
        "senses_same_pos": 15,
    }
    assert demo.stage("glosses").counts == {"glosses": 20, "from_source": 17, "failed": 0}
    assert demo.stage("glosses").rejects == {"circular": 3, "length": 1}
    assert demo.stage("glosses").usage.requests == 4
    assert demo.stage("contexts").counts == {
        "senses": 25,
        "contexts": 100,
        "from_source": 15,
        "senses_complete": 25,
        "senses_short": 0,
        "failed": 0,
    }
    assert demo.stage("contexts").rejects == {
        "length": 1,
        "several_sentences": 1,
        "target_altered": 1,
        "target_missing": 1,
    }
    assert demo.stage("contexts").usage.requests == 27
    judged = demo.stage("judge").counts
    assert (judged["agree"], judged["other_sense"], judged["none_of_these"]) == (98, 1, 1)


def test_the_release_holds_what_the_judge_and_the_auditors_left(demo: Demo) -> None:
    counts = demo.release().counts
    assert (counts.synsets, counts.senses, counts.lemmas, counts.same_pos_lemmas) == (20, 25, 13, 7)
    assert (counts.glosses, counts.glosses_from_source) == (20, 17)
    assert counts.examples == 97
    own = {sentence.replace("[[", "").replace("]]", "") for _, sentence in KEPT}
    assert counts.examples_from_source == len(own - {demo.bad})
    assert demo.bad not in {row.sentence for row in demo.examples()}
    assert Counter(row.audited for row in demo.examples()) == {"good": 19, "unaudited": 78}
    assert {row.split for row in demo.examples()} == set(Split)
    assert demo.release().leakage.clean


def test_every_span_is_a_form_of_its_lemma(demo: Demo) -> None:
    marked = {
        (sense, sentence)
        for sense, rounds in CONTEXTS.items()
        for sentences in rounds
        for sentence in sentences
    } | set(KEPT)
    names = {sense_id: name for name, sense_id in demo.ids.items()}
    for row in demo.examples():
        target = row.sentence[row.target_start : row.target_end]
        assert EN.is_form(target, row.lemma, row.pos), row
        before, after = row.sentence[: row.target_start], row.sentence[row.target_end :]
        assert (names[row.sense_id], f"{before}[[{target}]]{after}") in marked
    inflected = {row.target for row in demo.examples() if row.target != row.lemma}
    assert {"sprang", "drilled", "matches", "lighter", "running", "ran"} <= inflected


def texts_of_prompts(demo: Demo) -> Iterator[str]:
    """Every first request of every stage, with the schema of its reply."""
    for stage in all_stages(load_config(demo.folder)):
        if isinstance(stage, AskingStage):
            inputs = {name: current_output(demo.folder, name) for name in stage.inputs}
            for request in stage.requests.listed(inputs):
                yield from (message.content for message in request.messages)
                yield str(request.reply.model_json_schema())


def texts_of_workbooks(demo: Demo) -> Iterator[str]:
    """Every cell and every message of the workbooks."""
    for path in (demo.folder / "audits" / "audit" / "workbooks").glob("*.xlsx"):
        for sheet in openpyxl.load_workbook(path):
            yield sheet.title
            yield from (str(value) for row in sheet.iter_rows(values_only=True) for value in row)
            for rule in sheet.data_validations.dataValidation:
                yield f"{rule.promptTitle} {rule.prompt} {rule.errorTitle} {rule.error}"


def texts_for_people(demo: Demo) -> Iterator[str]:
    """The cards, what the audit reports, what the evaluation says, and what commands said."""
    yield demo.said
    for pattern in ("release/*.md", "release/*.json", "audits/**/*.md", "evaluation/*.md"):
        for path in demo.folder.glob(pattern):
            yield path.read_text(encoding="utf-8")


@pytest.mark.parametrize("texts", [texts_of_prompts, texts_of_workbooks, texts_for_people])
def test_nothing_is_said_in_vietnamese(demo: Demo, texts) -> None:  # type: ignore[no-untyped-def]
    found = list(texts(demo))
    assert sum(map(len, found)) > 5000
    for text in found:
        assert not VIETNAMESE & set(text.casefold()), text
        assert "ietnamese" not in text, text


def test_the_card_says_what_is_english_and_what_is_the_sources(demo: Demo) -> None:
    card = (demo.folder / "release" / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlanguage:\n- en\nlicense: apache-2.0\n")
    assert "is an English word-sense data set: 97 sentences" in card
    own = demo.release().counts.examples_from_source
    assert f"so do 17 of the 20 glosses and {own} of the sentences; the others come from" in card
    assert "Sentence length in words" in card


def test_the_audit_is_reported(demo: Demo) -> None:
    report = read_report(demo.folder / "audits" / "audit")
    assert (report.mode, report.sampled) == ("review", 20)


def test_a_model_is_trained_and_evaluated(demo: Demo) -> None:
    read = orjson.loads((demo.folder / "evaluation" / "evaluation.json").read_bytes())
    asked = {system["name"]: system["cells"] for system in read["all_words"]}
    assert list(asked)[:4] == ["viconbert", "viconbert, cosine alone", "random", "first sense"]
    sizes = {cell["name"]: cell["estimate"]["n_items"] for cell in asked["first sense"]}
    assert sizes == {"all": 2, "tiny": 2, "verb": 1, "noun": 1}
    tables = (demo.folder / "evaluation" / "evaluation.md").read_text(encoding="utf-8")
    assert "## All-words disambiguation, exact keys" in tables
    system = read["systems"][0]
    items = {
        cell["name"]: cell["estimate"]["n_items"]
        for cell in system["cells"]
        if cell["group"] == "all"
    }
    tests = [row for row in demo.examples() if row.split.value.startswith("test_")]
    assert system["name"] == "viconbert"
    assert items["with monosemous"] == len(tests)
    assert items["ambiguous"] == sum(row.n_candidates > 1 for row in tests) > 20


def test_there_are_twenty_synsets_and_seven_ambiguous_lemmas_of_one_part_of_speech() -> None:
    places = Counter((word, line.kind) for line in LINES for word in line.words)
    assert len(LINES) == 20
    assert sum(n > 1 for n in places.values()) == 7
