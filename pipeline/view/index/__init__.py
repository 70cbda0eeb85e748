"""The index behind the pages: an SQLite file made once from a release's or a run's tables."""
