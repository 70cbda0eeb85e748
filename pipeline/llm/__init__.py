"""The language-model layer: one question in, one validated reply out, paid for once.

Imports point down this list, never up::

    model      LanguageModel: ask a request, get a validated answer
    wire       the openai SDK; foreign exceptions become ours in ``faults``
    ledger, budget, limiter, bucket, breaker, dialect, meter     one concern each
    body, schema, envelope, reading, repair                      pure functions over texts
    settings, request                                            values

This module imports nothing, so that the command line starts fast.
"""
