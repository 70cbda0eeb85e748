"""The language-model layer: one question in, one validated reply out, paid for once.

Imports point down this list, never up::

    model       LanguageModel: ask a request, get a validated answer
    desk        the one place that looks up, sends, pays for and keeps replies
    sending     one body through every limit and the transport, onto the disk
    http        a transport: the openai SDK; foreign exceptions become ours in ``faults``
    transport   the seam to a provider: bodies in, raw replies out
    ledger, budget, limits, breaker, meter     one concern each
    body, reading                              pure functions over texts
    settings, request                          values

This module imports nothing, so that the command line starts fast.
"""
