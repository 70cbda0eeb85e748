"""English lemmas are Princeton's own words; articles and *to* add nothing."""

from __future__ import annotations

from languages.linking import Linking

LINKING = Linking(classifiers=frozenset({"a", "an", "the", "to", "be"}))
