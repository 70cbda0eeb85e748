"""Frozen gloss vectors: encoders behind one protocol, and their memory-mapped store."""

from trainer.glosses.encoder import GlossEncoder, load_gloss_encoder, make_gloss_encoder
from trainer.glosses.store import stored_vectors

__all__ = ["GlossEncoder", "load_gloss_encoder", "make_gloss_encoder", "stored_vectors"]
