"""English words that carry grammar rather than meaning."""

from __future__ import annotations

_WORDS = """
a about above across after against all along although among an and another any anyone anything are
around as at away back be because been before behind being below beneath beside besides between
beyond both but by can cannot could did do does doing done down during each either else enough etc
every everyone everything few for from had has have having he her here hers him his how i if in
inside instead into is it its itself just least less like many may me might mine more most much
must my near neither never no none nor not nothing now of off often on once one ones only onto or
other others our ours out outside over own per rather same shall she should since so some someone
something somewhat such than that the their theirs them themselves then there these they this those
though through throughout to together too toward towards under unless until up upon us usually very
was we were what whatever when where whether which while who whole whom whose why will with within
without would yet you your yours
"""
FUNCTION_WORDS = frozenset(_WORDS.split())
