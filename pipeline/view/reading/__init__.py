"""What the pages tell of: a run's stages and ledger, a release, a model; read, never written."""
