"""Stage ``glosses``: definitions of synsets, a lemma's together, in rounds until they pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack

from languages.language import Language
from pipeline.checks.reference import MESSAGE, Reference
from pipeline.checks.rules import GlossRules
from pipeline.engine.stage import Counts, StageWork, Upstream
from pipeline.llm.request import Request
from pipeline.stages.definition import RunParts, StageDefinition
from pipeline.stages.gloss_groups import GlossGroups
from pipeline.stages.gloss_readers import BlindReading, GlossReaders, Readings
from pipeline.stages.gloss_requests import NAME, GlossRequests
from pipeline.stages.gloss_rounds import GlossRounds
from pipeline.stages.own_glosses import own_glosses_of
from pipeline.stages.rejecting import REQUEST_CODES, phrased
from pipeline.stages.requests import AskingStage, RequestEstimate, Requests
from pipeline.stages.settings import GlossSettings, decisive
from pipeline.stages.synset_index import SynsetIndex
from prompts.catalogue import load
from prompts.replies import GlossesReply, VerifyReply
from prompts.tasks import GlossesTask, VerifyTask
from schemas.errors import UsageError
from schemas.records import Gloss

VERSION = 3  # what is only doubtful stands where nothing better comes
_PROMPT_TOKENS, _REPLY_TOKENS, _READING_TOKENS = 800, 80, 20
_CODES = {
    **phrased(GlossRules.codes),
    **MESSAGE,
    **REQUEST_CODES,
    "gloss_senseless": "the model could make no sense of the synset",
    "not_the_same": "the synset was called the same as one that it cannot be the same as",
    "gloss_unverified": "a reader of the definition alone took it for another synset's, twice",
    "no_gloss": "the synset got no acceptable gloss in all its rounds",
}


def glosses_stage(parts: RunParts) -> AskingStage:
    """The stage bound to its settings."""
    settings = parts.section(GlossSettings)
    endpoint = settings.endpoint(parts.llm)
    prompt = load(settings.prompt, parts.language, GlossesTask, parts.folder)
    if settings.source == "rewrite" and "rewrite" not in prompt.text:
        raise UsageError(
            f"{prompt.source}: does not use the field 'rewrite', without which [glosses] source "
            'cannot be "rewrite"'
        )
    verify = settings.verify
    verifier = verify.endpoint(parts.llm)
    reading = load(verify.prompt, parts.language, VerifyTask, parts.folder)

    def result_settings() -> Mapping[str, object]:
        own = settings.model_dump(
            mode="json", include={"source", "rounds", "max_siblings", "per_request"}
        )
        own |= {
            "language": parts.language.code,
            "rules": settings.rules.decisive(parts.language),
        }
        if verify.enabled:
            read = verify.model_dump(mode="json", include={"rounds", "candidates"})
            own["verify"] = read | {"prompt": reading.digest, "llm": decisive(verifier)}
        own |= parts.reference()
        return own | {"prompt": prompt.digest, "llm": decisive(endpoint)}

    async def run(work: StageWork) -> Counts:
        index = _index(work.inputs, parts.language)
        requests = GlossRequests(prompt, index, settings)
        async with AsyncExitStack() as stack:
            llm = await stack.enter_async_context(work.open_model(endpoint))
            readers = None
            if verify.enabled:
                other = await stack.enter_async_context(work.open_model(verifier))
                readers = GlossReaders(Readings(verify, reading, index), work, other)
            reference = Reference(parts.checks, parts.language)
            rounds = GlossRounds(settings, requests, work, llm, parts.language, reference, readers)
            return await rounds.run()

    def listed(inputs: Mapping[str, Upstream]) -> Iterator[Request[GlossesReply]]:
        index = _index(inputs, parts.language)
        requests = GlossRequests(prompt, index, settings)
        own = own_glosses_of(index, settings, parts.language)
        wanted = [synset_id for synset_id in index.synsets if synset_id not in own.kept]
        for wave in GlossGroups(index, settings.per_request).waves(wanted):
            for group in wave:
                yield requests.of(group, own.kept, own.problems).request

    def to_be_read(inputs: Mapping[str, Upstream]) -> Iterator[Request[VerifyReply]]:
        index = _index(inputs, parts.language)
        own = own_glosses_of(index, settings, parts.language)
        wanted = [synset_id for synset_id in index.synsets if synset_id not in own.kept]
        yield from Readings(verify, reading, index).foreseen(wanted)

    def estimated(counts: Counts, _: Mapping[str, Upstream]) -> RequestEstimate:
        return RequestEstimate(counts.get("synsets", 0), _PROMPT_TOKENS)

    def foreseen(counts: Counts) -> Counts:
        return {"glosses": counts.get("synsets", 0)}

    others: tuple[Requests, ...] = ()
    if verify.enabled:
        others = (Requests(verifier, _READING_TOKENS, to_be_read, estimated, lambda _: {}),)
    return AskingStage(
        name=NAME,
        version=VERSION,
        inputs=("synsets", "link"),
        tables={"glosses": Gloss, "readings": BlindReading},
        settings=result_settings,
        run=run,
        codes=_CODES,
        requests=Requests(endpoint, _REPLY_TOKENS, listed, estimated, foreseen, others=others),
    )


DEFINITION = StageDefinition(NAME, GlossSettings, glosses_stage)


def _index(inputs: Mapping[str, Upstream], language: Language) -> SynsetIndex:
    return SynsetIndex(inputs["synsets"].table("synsets"), language, inputs["link"].table("links"))
