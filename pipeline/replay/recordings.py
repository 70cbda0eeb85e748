"""The recordings of a run: raw replies by item, round and turn, and a judge's choices.

``glosses.jsonl`` and ``contexts.jsonl`` hold what a model replied, faults included, a line each:
``{"item": "demo-12#khoan", "round": 1, "turn": 1, "text": "..."}``; turn 2 answers the repair
turn. The item of glosses is all synsets that a request asks for: ``demo-1+demo-2+demo-3``.
``verdicts.jsonl`` holds which sense a judge chose for a sentence, whatever numbers the prompt gave
to sentences and candidates: ``{"sentence": ..., "start": ..., "end": ..., "chosen":
"demo-12#khoan"}``, ``null`` for none of these. A line with ``"judge"`` is that of one judge of
several, the line without it that of all others.
``readings.jsonl``, which may be missing, holds what a blind reader made of a definition:
``{"gloss": ..., "word": "khoan", "choice": "khoan; máy khoan (danh từ; ...)"}``, the choice being a
candidate as the prompt shows it, or ``null``; a line with ``"reading"`` is that reading alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.llm.reading import json_objects
from prompts.render import parse_judge_prompt, parse_verify_prompt
from prompts.replies import GlossesReply, SynsetGloss, VerifyReply
from schemas.errors import InputError
from schemas.files import explained
from schemas.ids import synset_of
from schemas.text import normalise


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecordedReply(_Line):
    """The text of one assistant turn."""

    item: str
    round: int
    turn: int
    text: str


class RecordedVerdict(_Line):
    """A judge's choice for one sentence."""

    sentence: str
    start: int
    end: int
    chosen: str | None
    judge: str | None = None
    """Whose choice it is; None: that of every judge without a line of its own."""


class RecordedReading(_Line):
    """What a reader of a definition alone takes it for."""

    gloss: str
    word: str
    choice: str | None
    reading: int | None = None
    """Of which reading, counted from 1 over all rounds; None: of every one without a line."""


L = TypeVar("L", bound=_Line)


class Recordings:
    """All recordings of a folder, looked up by what is asked."""

    def __init__(self, folder: Path) -> None:
        self._replies = {
            (stage, line.item, line.round, line.turn): line.text
            for stage in ("glosses", "contexts")
            for line in _lines(folder / f"{stage}.jsonl", RecordedReply)
        }
        self._chosen = {
            (line.judge, _marked(line)): line.chosen
            for line in _lines(folder / "verdicts.jsonl", RecordedVerdict)
        }
        readings = folder / "readings.jsonl"
        self._readings = {
            (line.reading, normalise(line.gloss)): line
            for line in (_lines(readings, RecordedReading) if readings.exists() else ())
        }
        self._glosses: dict[str, list[str]] = {}
        """The definitions of a synset in the order of rounds."""
        for (stage, item, _, _), text in sorted(
            self._replies.items(), key=lambda said: said[0][2:]
        ):
            for number, gloss in _glosses_in(text) if stage == "glosses" else ():
                found = self._glosses.setdefault(item.split("+")[number - 1], [])
                if gloss not in found:
                    found.append(gloss)

    def reply(self, item: str, user_prompt: str) -> str | None:
        """The recorded reply to a request labelled ``item``; None where there is none.

        A label reads ``contexts/demo-12#khoan/1``, with ``/repair`` behind it in a repair turn;
        that of a judge of several has the judge's name behind the stage.
        A reading's ends in its number.
        """
        label, repair, _ = item.partition("/repair")
        stage, _, rest = label.partition("/")
        name, _, round_ = rest.rpartition("/")
        if stage == "judge":
            return self._judge(rest.partition("/")[0], user_prompt)
        if not round_.isdigit():
            return None
        if stage == "verify":
            return self._read(int(round_), user_prompt)
        recorded = self._replies.get((stage, name, int(round_), 2 if repair else 1))
        if recorded is None and stage == "glosses":
            return self._defined(name.split("+"), int(round_))
        return recorded

    def _defined(self, synsets: list[str], round_: int) -> str | None:
        """What was recorded of each synset, where others were asked for together."""
        if any(synset not in self._glosses for synset in synsets):
            return None
        said = [self._glosses[synset][:round_][-1] for synset in synsets]
        entries = [
            SynsetGloss(number=number, gloss=gloss, same_as=0)
            for number, gloss in enumerate(said, start=1)
        ]
        return GlossesReply(glosses=entries).model_dump_json()

    def _read(self, reading: int, user_prompt: str) -> str | None:
        gloss, candidates = parse_verify_prompt(user_prompt)
        key = normalise(gloss)
        line = self._readings.get((reading, key)) or self._readings.get((None, key))
        if line is None:
            return None
        shown = line.choice in candidates
        choice = 1 + candidates.index(line.choice) if shown and line.choice else 0
        return VerifyReply(word=line.word, choice=choice).model_dump_json()

    def _judge(self, judge: str, user_prompt: str) -> str:
        sentences, candidates = parse_judge_prompt(user_prompt)
        choices = []
        for number, sentence in enumerate(sentences, start=1):
            keys = ((judge, normalise(sentence)), (None, normalise(sentence)))
            for key in [key for key in keys if key in self._chosen][:1]:
                chosen = self._number(self._chosen[key], candidates)
                choices.append({"sentence": number, "sense": chosen})
        return orjson.dumps({"choices": choices}).decode()

    def _number(self, sense: str | None, candidates: tuple[str, ...]) -> int:
        """The number of the candidate that is the chosen sense's gloss; 0 if none is.

        Of several recorded glosses the last round's is looked for first: an earlier one was
        rejected, perhaps because it is another synset's.
        """
        shown = [normalise(gloss) for gloss in candidates]
        for gloss in reversed(self._glosses.get(synset_of(sense), [])) if sense else ():
            if gloss in shown:
                return shown.index(gloss) + 1
        return 0


def _glosses_in(text: str) -> Iterator[tuple[int, str]]:
    """The definitions in a reply, each with the number of its synset."""
    for data in json_objects(text):
        try:
            reply = GlossesReply.model_validate_json(data)
        except ValidationError:
            continue
        for entry in reply.glosses:
            yield entry.number, normalise(entry.gloss)


def _marked(line: RecordedVerdict) -> str:
    text, start, end = line.sentence, line.start, line.end
    return normalise(f"{text[:start]}[[{text[start:end]}]]{text[end:]}")


def _lines(path: Path, kind: type[L]) -> Iterator[L]:
    with explained(path), open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                yield kind.model_validate_json(line)
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                raise InputError(
                    f"{path}:{number}: not a recorded line ({first['msg']}); its fields are "
                    f"{', '.join(kind.model_fields)}"
                ) from error
