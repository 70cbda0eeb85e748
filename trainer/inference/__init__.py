"""Use of a trained model: ranks the senses of a word in a sentence."""

from trainer.inference.disambiguator import Answer, Disambiguator, RankedSense

__all__ = ["Answer", "Disambiguator", "RankedSense"]
