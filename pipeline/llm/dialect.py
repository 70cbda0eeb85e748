"""What an endpoint accepts, found out from its own refusals and kept in the ledger.

Keys depend on it, so a resumed run must ask in the same form as the one before: what was
learned is noted in the ledger, per endpoint and model.
"""

from __future__ import annotations

from pipeline.llm.body import Form, Mode, TokensName
from pipeline.llm.faults import RefusedError
from pipeline.llm.ledger import Ledger
from pipeline.llm.settings import EndpointSettings

MODES: tuple[Mode, ...] = ("json_schema", "json_object", "text")

# How endpoints name what they do not know about structured replies.
_STRUCTURE_WORDS = (
    "response_format",
    "json_schema",
    "json_object",
    "json mode",
    "structured output",
    "guided",
    "grammar",
    "invalid schema",
)


class Dialect:
    """The form of requests that the endpoint of ``settings`` is known to take."""

    def __init__(self, settings: EndpointSettings, ledger: Ledger) -> None:
        self._settings = settings
        self._ledger = ledger
        self._note = f"form {settings.endpoint} {settings.model}"
        self.form = self._recalled()

    def learn(self, sent: Form, refused: RefusedError) -> bool:
        """Whether a request refused in the form ``sent`` is worth asking in another one."""
        if self.form != sent:
            return True  # another request has learned it meanwhile
        form = self._next(sent, refused)
        if form is None:
            return False
        self.form = form
        self._ledger.remember(self._note, f"{form.mode} {form.tokens_name}")
        return True

    def _next(self, sent: Form, refused: RefusedError) -> Form | None:
        said = refused.said
        asks_other_name = self._settings.tokens_field == "auto" and (
            sent.tokens_name == "max_tokens" and "max_completion_tokens" in said
        )
        if asks_other_name:
            return Form(sent.mode, "max_completion_tokens")
        knows_less = self._settings.structured == "auto" and (
            sent.mode != "text" and any(word in said for word in _STRUCTURE_WORDS)
        )
        if knows_less:
            return Form(MODES[MODES.index(sent.mode) + 1], sent.tokens_name)
        return None

    def _recalled(self) -> Form:
        noted = (self._ledger.note(self._note) or "").split()
        structured, tokens_field = self._settings.structured, self._settings.tokens_field
        mode: Mode = "json_schema" if structured == "auto" else structured
        tokens_name: TokensName = "max_tokens" if tokens_field == "auto" else tokens_field
        if structured == "auto" and len(noted) == 2:
            mode = next((known for known in MODES if known == noted[0]), mode)
        if tokens_field == "auto" and len(noted) == 2 and noted[1] == "max_completion_tokens":
            tokens_name = "max_completion_tokens"
        return Form(mode, tokens_name)
