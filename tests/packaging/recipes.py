"""One of each thing that CONTRIBUTING says how to add, added as it says."""

from __future__ import annotations

from dataclasses import dataclass

from tests.packaging.scratch import AppendInEach, CopiedFolder, Insert, New, Step


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is added, how, and how it is seen to work."""

    what: str
    """As in the first column of CONTRIBUTING's table."""
    name: str
    """Stands for NAME there."""
    steps: tuple[Step, ...]
    proofs: tuple[str, ...]
    """Tests of the project that speak of every one of its kind; none where ``use`` says it all."""
    seen: tuple[str, ...]
    """How they are listed for the one that was added."""
    use: str
    """A program that uses it, and fails if it is not there."""


STAGE = Recipe(
    "a stage",
    "long_lemmas",
    (
        New(
            "pipeline/stages/long_lemmas.py",
            '''"""Stage ``long_lemmas``: the synsets whose first lemma has enough letters."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from pipeline.engine.stage import Counts, Stage, StageWork
from pipeline.stages.definition import RunParts, StageDefinition
from schemas.records import Synset
from schemas.tables import read_table, write_table

NAME = "long_lemmas"
VERSION = 1


class LongLemmaSettings(BaseModel):
    """The section ``[long_lemmas]`` of run.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    letters: int = 3


def _stage(parts: RunParts) -> Stage:
    settings = parts.section(LongLemmaSettings)

    async def run(work: StageWork) -> Counts:
        rows = read_table(work.inputs["synsets"].table("synsets"), Synset)
        kept = [row for row in rows if len(row.lemmas[0]) >= settings.letters]
        write_table(work.table("long"), Synset, kept)
        return {"long": len(kept)}

    return Stage(
        name=NAME,
        version=VERSION,
        inputs=("synsets",),
        tables={"long": Synset},
        settings=lambda: settings.model_dump(mode="json"),
        run=run,
    )


DEFINITION = StageDefinition(NAME, LongLemmaSettings, _stage)
''',
        ),
        Insert(
            "pipeline/catalogue.py", "    release.DEFINITION,\n", "    long_lemmas.DEFINITION,\n"
        ),
        Insert(
            "pipeline/catalogue.py",
            "from __future__ import annotations\n",
            "\nfrom pipeline.stages import long_lemmas\n",
        ),
    ),
    ("tests/test_import_directions.py",),
    (),
    """
from pathlib import Path
from pipeline.cli.main import exit_code
assert exit_code(["init", "run"]) == 0
with open("run/run.toml", "a") as file:
    file.write("\\n[long_lemmas]\\nletters = 4\\n")
assert exit_code(["run", "long_lemmas", "-c", "run/run.toml"]) == 0
assert len(list(Path("run/stages/long_lemmas").glob("*/long.parquet"))) == 1
""",
)

CHECK = Recipe(
    "a check",
    "contexts",
    (
        Insert(
            "pipeline/checks/contexts.py",
            'repeats {share:.0%} of the gloss") if share >= case.max_gloss_overlap else None\n',
            '''

def ticked(case: ContextCase) -> Flaw | None:
    """The sentence bears a tick."""
    return flaw("has a tick") if "✓" in case.text else None
''',
        ),
        Insert(
            "pipeline/checks/contexts.py",
            "RULES: tuple[Rule[ContextCase], ...] = (\n",
            "    ticked,\n",
        ),
        Insert(
            "docs/checks.md",
            "| `copied_gloss` | The sentence repeats the definition. |\n",
            "| `ticked` | The sentence bears a tick. |\n",
        ),
        AppendInEach("languages/*/findings.py", 'FINDINGS.of_context["ticked"] = "✓"\n'),
        AppendInEach(
            "languages/*/examples.py",
            'EXAMPLES.of_context["ticked"] = RuleExample(f"{EXAMPLES.context} ✓")\n',
        ),
    ),
    ("tests/pipeline/checks/test_rules.py", "tests/languages/test_languages.py"),
    ("test_the_examples_of_contexts[vi-ticked]",),
    """
from languages.find import find_language
from pipeline.checks.checker import ContextChecker
from pipeline.checks.contexts import ContextDraft
from pipeline.checks.rules import ContextRules
language = find_language("vi")
draft = ContextDraft("Người thợ đang [[khoan]] mấy lỗ nhỏ trên tường. ✓", "khoan", "đục lỗ")
found = ContextChecker(["khoan"], ContextRules(), language).check(draft)
assert [(finding.code, finding.reason) for finding in found] == [("ticked", "✓")]
""",
)

PRESET = Recipe(
    "a preset",
    "nowhere",
    (
        New(
            "data/presets/nowhere.toml",
            """# A run of viconwsd. Everything that the run makes lies beside this file.

[source]
kind = "@KIND@"
path = "@SOURCE@"

[llm]
base_url = "http://localhost:9/v1"
model = "none"
""",
        ),
        Insert("README.md", "Presets: `demo`, ", "`nowhere`, "),
        Insert(
            "docs/providers.md",
            "that the provider had kept |\n",
            "\n## Nowhere: preset `nowhere`\n\nNobody answers there.\n",
        ),
    ),
    ("tests/pipeline/cli/test_init.py",),
    ("test_a_preset_with_a_source_loads_and_is_not_overwritten[nowhere]",),
    """
from pipeline.cli.main import exit_code
given = ["init", "run", "--preset", "nowhere", "--source", "data/demo/lexicon"]
assert exit_code(given) == 0
assert exit_code(["run", "synsets", "-c", "run/run.toml"]) == 0
""",
)

LANGUAGE = Recipe(
    "a language",
    "qaa",
    (
        CopiedFolder(
            "languages/qaa",
            "languages/vi",
            (("languages.vi", "languages.qaa"), ('"vi": ', '"qaa": ')),
        ),
    ),
    (
        "tests/languages/test_find.py",
        "tests/languages/test_languages.py",
        "tests/audits/test_audit_texts.py",
    ),
    ("test_every_language_is_complete[qaa]",),
    """
from languages.find import find_language
assert find_language("qaa").code == "qaa"
assert find_language("qaa").spelling is not find_language("vi").spelling
""",
)
SOURCE = Recipe(
    "a source",
    "lines",
    (
        New(
            "pipeline/sources/lines.py",
            '''"""A file with the noun synset of a lemma on every line."""

from __future__ import annotations

from pathlib import Path

from pipeline.sources.interface import Lexicon, SourceDescription, SourceSynset
from schemas.files import explained
from schemas.ids import synset_id
from schemas.records import Pos

DESCRIPTION = SourceDescription(name="lines", url="", licence="other")


def read_lines_source(path: Path, prefix: str = "lines") -> Lexicon:
    """A synset for each line, numbered from 1."""
    with explained(path):
        lines = path.read_text(encoding="utf-8").splitlines()
    synsets = (
        SourceSynset(synset_id(prefix, number), Pos.NOUN, "noun.Tops", (line,))
        for number, line in enumerate(lines, start=1)
    )
    return Lexicon(DESCRIPTION, tuple(synsets))
''',
        ),
        Insert("pipeline/sources/settings.py", 'SourceKind = Literal["csv", ', '"lines", '),
        Insert(
            "pipeline/sources/read.py",
            "    path = settings.path.expanduser()\n",
            """    if settings.kind == "lines":
        from pipeline.sources.lines import read_lines_source

        return read_lines_source(path)
""",
        ),
        Insert(
            "docs/sources.md",
            "| `kind` | `path` | ids | glosses and hints |\n|---|---|---|---|\n",
            "| `lines` | a file with a lemma on every line | `lines-1` | none |\n",
        ),
    ),
    ("tests/test_docs.py",),
    ("test_every_kind_of_source_is_documented[lines]",),
    """
from pathlib import Path
from pipeline.cli.main import exit_code
Path("lemmas.txt").write_text("khoan\\nmáy móc\\n", encoding="utf-8")
assert exit_code(["init", "run", "--preset", "vllm", "--source", "lemmas.txt"]) == 0
text = Path("run/run.toml").read_text(encoding="utf-8").replace('"csv" ', '"lines" ')
Path("run/run.toml").write_text(text, encoding="utf-8")
assert exit_code(["run", "synsets", "-c", "run/run.toml"]) == 0
""",
)

OBJECTIVE = Recipe(
    "an objective",
    "shrink",
    (
        Insert(
            "trainer/objectives/losses.py",
            "from torch.nn.functional import cross_entropy, normalize\n",
            '''

def shrink_loss(contexts: Tensor) -> Tensor:
    """mean_i |z_i|^2 of ``contexts`` (n, d)."""
    return contexts.pow(2).sum(dim=1).mean()
''',
        ),
        Insert(
            "trainer/objectives/objective.py",
            "        loss = contexts.sum() * 0.0\n",
            "        if s.shrink:\n            loss = loss + s.shrink * shrink_loss(contexts)\n",
        ),
        Insert("trainer/objectives/objective.py", "    reference_loss,\n", "    shrink_loss,\n"),
        Insert(
            "trainer/settings.py", "    candidates: Weight = 0.0\n", "    shrink: Weight = 0.0\n"
        ),
    ),
    (),
    (),
    """
import torch
from trainer.objectives import GlossTable, JointBatch, Objective
from trainer.settings import ObjectiveSettings
settings = ObjectiveSettings.model_validate({"name": "structure_only", "structure": 0, "shrink": 2})
batch = JointBatch(torch.tensor([0, 0]), torch.tensor([[0], [0]]))
contexts = torch.tensor([[3.0, 4.0], [0.0, 1.0]])
table = GlossTable(torch.eye(2), torch.tensor([0, 1]))
assert Objective(settings)(contexts, batch, table).item() == 26.0
""",
)

RECIPES = (STAGE, CHECK, SOURCE, OBJECTIVE, LANGUAGE, PRESET)
