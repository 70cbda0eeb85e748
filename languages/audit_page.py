"""What annotators read on an audit's page, beside the questions of ``audit.py``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuditPageTexts:
    """The texts of the page; names of keys, such as Z, are the program's."""

    welcome: str
    steps: tuple[str, ...]
    """How to answer, line by line; the page lists the keys itself."""
    duration: str
    """``{rows}`` rows will take about ``{minutes}`` minutes."""
    begin: str
    """The button that begins the training items."""
    go_on: str
    """The button behind a training item, and behind a pause."""
    training: str
    """Heading of training item ``{number}`` of ``{rows}``."""
    training_note: str
    """That the training items do not count."""
    right: str
    wrong: str
    """Before the ``{answer}`` that the training item should have had."""
    training_done: str
    item: str
    """Heading of item ``{number}`` of ``{rows}``."""
    progress: str
    """``{done}`` of ``{rows}`` items are finished."""
    minutes_left: str
    """About ``{minutes}`` minutes are left."""
    why: str
    """Heading of the reasons for an answer."""
    no_reason: str
    remark: str
    back: str
    skip: str
    undo: str
    pause: str
    help: str
    close: str
    save_file: str
    open_file: str
    paused: str
    paused_note: str
    finished: str
    finished_note: str
    keys: str
    """Heading of the table of keys."""
    keys_choose: str
    keys_unsure: str
    keys_none: str
    """Of a blind audit: none of the senses."""
    keys_move: str
    keys_items: str
    keys_leave: str
    """Esc: out of the field of remarks."""
    keys_on: str
    """The box that says whether single keys answer."""
    kept: str
    """That the browser keeps the answers."""
    not_kept: str
    """That it does not, and what to do."""
    kept_no_more: str
    """That it did, and has no room now."""
    other_tab: str
    """That the page is open twice, and that the newest answer counts."""
    undone: str
    nothing_to_undo: str
    file_saved: str
    """A file ``{file}`` was saved; where, and what to do with it."""
    file_taken: str
    """So many ``{rows}`` answers of a file were taken."""
    file_refused: str
    """The file is not of this page."""
    damaged: str
    """The page is not as it was written: ask for it again."""
    no_script: str
    """What a browser shows that runs no JavaScript."""
