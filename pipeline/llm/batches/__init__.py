"""Requests that go out in batches: half the price, within a day, safe against kill -9.

Imports point down this list, never up::

    outside     what people do to batches: cancel them, import results
    waves       a pass of a stage hands out what is unpaid; what becomes of it before the next one
    carrier     batches on their way: made, found again, looked at, read
    quota       what is too much for a provider waits its turn, or becomes two batches
    outbox      what a pass hands out, in files of one batch each
    intake      lines of results into the ledger
    kinds       openai_shape, mistral, gemini, anthropic: a provider's interface each
    files_first batches of files, in a provider's shape; answers: what interfaces answer, read
    book        the batches in the ledger
    service     the seam to a provider's batches
"""
