"""What only waits is told from what went wrong."""

from __future__ import annotations

from pipeline.engine.handed_out import HandedOut, is_handed_out


def test_a_group_waits_only_if_all_of_it_does() -> None:
    waiting = BaseExceptionGroup("a stage", [HandedOut(), ExceptionGroup("an item", [HandedOut()])])
    assert is_handed_out(waiting)
    assert not is_handed_out(ExceptionGroup("a stage", [HandedOut(), ValueError("no row")]))
    assert not is_handed_out(ValueError("no row"))
