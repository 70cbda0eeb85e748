"""Stages and what runs them: fingerprints, manifests, the run folder, progress."""
