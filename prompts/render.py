"""Prompts as the model sees them: a task put into a template, and the judge's prompt read back."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import NamedTuple

from jinja2 import Template, TemplateError

from prompts.catalogue import Prompt, compiled
from prompts.tasks import Task
from schemas.errors import InputError

_SENTENCE = re.compile(r"\((\d+)\) (.*)")
_CANDIDATE = re.compile(r"(\d+) = (.*)")
_TEMPLATE_FILE = "<template>"  # what Jinja2 calls the file of a template made from a string


class Messages(NamedTuple):
    """The two messages of a request."""

    system: str
    user: str


def render(prompt: Prompt, task: Task) -> Messages:
    """The messages that ask ``task`` with ``prompt``; equal arguments give equal messages."""
    template = compiled(prompt)
    values = {field.name: getattr(task, field.name) for field in fields(task)}
    context = template.new_context(values)
    try:
        system, user = (
            "".join(template.blocks[block](context)).strip() for block in Messages._fields
        )
    except (TemplateError, TypeError, ValueError) as error:
        raise InputError(f"{prompt.source}:{_line(template, error)}: {error}") from error
    return Messages(system, user)


def parse_judge_prompt(user: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sentences and the candidates of a judge's user message: the inverse of rendering.

    A sentence stands on a line ``(1) ...``, a candidate on a line ``1 = ...``, both counted
    from 1; the line ``0 = ...`` is "none of these" and is left out.
    """
    lines = user.split("\n")
    sentences = [found[2] for line in lines if (found := _SENTENCE.fullmatch(line))]
    return tuple(sentences), _candidates(lines)


def parse_verify_prompt(user: str) -> tuple[str, tuple[str, ...]]:
    """The definition and the candidates of a blind reader's user message.

    The definition stands on the first line, behind a colon; candidates are as in a judge's.
    """
    lines = user.split("\n")
    return lines[0].partition(": ")[2], _candidates(lines)


def _candidates(lines: list[str]) -> tuple[str, ...]:
    found = [_CANDIDATE.fullmatch(line) for line in lines]
    return tuple(each[2] for each in found if each and each[1] != "0")


def _line(template: Template, error: BaseException) -> int:
    """The template line that an error was raised on; 1 where it is not known."""
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _TEMPLATE_FILE:
            line = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return line
