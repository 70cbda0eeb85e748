"""The requests that ask for the definitions of synsets, several at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest

from pipeline.llm.request import Request
from pipeline.stages.asking import WARMER, Asker
from pipeline.stages.gloss_groups import GlossGroup
from pipeline.stages.settings import GlossSettings
from pipeline.stages.synset_index import SynsetIndex
from prompts.catalogue import Prompt
from prompts.render import render
from prompts.replies import GlossesReply, described
from prompts.tasks import GlossesTask, OtherSynset, SynsetToDefine

NAME = "glosses"
"""Of the stage; items and rejects begin with it."""
JOINED = "+"
"""Between the ids of the synsets that a label names."""
OTHERS = 3
"""How many times ``max_siblings`` a request shows at most, whatever the number of lemmas."""


@dataclass(frozen=True, slots=True)
class AskedGlosses:
    """A request, and the synsets that it shows in the order of their numbers, from 1."""

    request: Request[GlossesReply]
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GlossRequests:
    """Writes the requests of a stage."""

    prompt: Prompt
    index: SynsetIndex
    settings: GlossSettings

    def of(
        self,
        group: GlossGroup,
        known: Mapping[str, str],
        problems: Mapping[str, tuple[str, ...]],
        round_: int = 1,
    ) -> AskedGlosses:
        """Asks for the definitions of a group.

        ``known`` are the definitions that stand, ``problems`` what is told of rejected ones.
        """
        others = self._others(group, known)
        start = len(group.synsets) + 1
        task = GlossesTask(
            lemma=self._lemma(group),
            synsets=tuple(
                self._to_define(number, synset, problems.get(synset, ()))
                for number, synset in enumerate(group.synsets, start=1)
            ),
            others=tuple(
                other_synset(self.index, number, synset, known)
                for number, synset in enumerate(others, start=start)
            ),
        )
        reply = described(GlossesReply, self.prompt.language.prompts.reply_fields)
        item = f"{NAME}/{JOINED.join(group.synsets)}/{round_}"
        request = Asker.request(render(self.prompt, task), reply, item, round_, warmer=WARMER)
        return AskedGlosses(request, (*group.synsets, *others))

    def _lemma(self, group: GlossGroup) -> str:
        return self.index.spelling(group.synsets[0], group.lemma) if group.lemma else ""

    def _others(self, group: GlossGroup, known: Mapping[str, str]) -> tuple[str, ...]:
        """Further synsets of the lemma that the group shares, then of its synsets' other lemmas.

        Those of the same part of speech come first, then those with a definition. Each lemma has
        room of its own; where all together would be too many, the other lemmas take turns.
        """
        most = self.settings.max_siblings
        lemmas: dict[str, tuple[str, ...]] = {}
        for synset in group.synsets:
            lemmas.update(self.index.sharing(synset))
        kinds = {self.index.synsets[synset].pos for synset in group.synsets}

        def ranked(synsets: tuple[str, ...]) -> list[str]:
            others = [synset for synset in synsets if synset not in group.synsets]
            others.sort(key=lambda s: (self.index.synsets[s].pos not in kinds, s not in known, s))
            return others[:most]

        shown = dict.fromkeys(ranked(lemmas.pop(group.lemma, ())))
        for turn in zip_longest(*map(ranked, lemmas.values())):
            for synset in turn:
                if synset is not None and len(shown) < OTHERS * most:
                    shown[synset] = None
        return tuple(shown)

    def _to_define(self, number: int, synset: str, problems: tuple[str, ...]) -> SynsetToDefine:
        entry = self.index.synsets[synset]
        stated = entry.source_gloss
        own = stated is not None and stated.language == self.prompt.language.code
        return SynsetToDefine(
            number=number,
            lemmas=entry.lemmas,
            pos=entry.pos,
            supersense=entry.supersense,
            source_gloss=stated.text if stated else None,
            source_language=stated.language if stated else "",
            hypernyms=entry.hypernyms,
            source_examples=tuple(example.text for example in entry.source_examples),
            problems=problems,
            rewrite=self.settings.source == "rewrite" and own,
            hint=entry.hint,
        )


def other_synset(
    index: SynsetIndex, number: int, synset: str, known: Mapping[str, str] | None
) -> OtherSynset:
    """A synset as it is shown beside others; without ``known``, without its definition."""
    entry = index.synsets[synset]
    definition = ""
    if known is not None:
        stated = entry.source_gloss.text if entry.source_gloss else ""
        definition = known.get(synset, stated)
    return OtherSynset(number, entry.lemmas, entry.pos, entry.supersense, definition)
