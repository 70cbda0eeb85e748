"""What ends a stage's pass where replies are still to come: its requests were handed out."""

from __future__ import annotations


class HandedOut(Exception):  # noqa: N818 - nothing is wrong: it is a turn that has to wait
    """A request was handed out for later, so that its item cannot go on in this pass.

    Raised where the request is asked, through the item's work; ``each_in_order`` leaves the item
    out, goes on with the others, and raises it once at the end of the pass.
    """


def is_handed_out(error: BaseException) -> bool:
    """Whether all that went wrong is that requests were handed out, in a group of tasks too."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_handed_out(each) for each in error.exceptions)
    return isinstance(error, HandedOut)
