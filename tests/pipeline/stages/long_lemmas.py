"""A stage as a contributor would add it: one file, which the catalogue names in one line."""

from pydantic import BaseModel, ConfigDict

from pipeline.engine.stage import Counts, Stage, StageWork
from pipeline.stages.definition import RunParts, StageDefinition
from schemas.records import Reject, Synset
from schemas.tables import read_table, write_table


class LongLemmaSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    letters: int = 3


def long_lemmas_stage(parts: RunParts) -> Stage:
    settings = parts.section(LongLemmaSettings)

    async def run(work: StageWork) -> Counts:
        kept = []
        for row in read_table(work.inputs["synsets"].table("synsets"), Synset):
            if len(row.lemmas[0]) >= settings.letters:
                kept.append(row)
            else:
                work.reject(_too_short(row))
        write_table(work.table("long"), Synset, kept)
        work.details["letters"] = sum(len(row.lemmas[0]) for row in kept)
        return {"long": len(kept)}

    return Stage(
        name="long_lemmas",
        version=1,
        inputs=("synsets",),
        tables={"long": Synset},
        settings=lambda: settings.model_dump(mode="json"),
        run=run,
        codes={"too_short": "the lemma is too short"},
        show_details=lambda details: [f"{details['letters']} letters in all"],
    )


def _too_short(row: Synset) -> Reject:
    return Reject(
        stage="long_lemmas",
        item_id=row.synset_id,
        code="too_short",
        detail="",
        text=row.lemmas[0],
    )


DEFINITION = StageDefinition("long_lemmas", LongLemmaSettings, long_lemmas_stage)
