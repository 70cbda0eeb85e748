"""Use of a trained model: ranks the senses of a word in a sentence."""

from trainer.inference.disambiguator import Disambiguation, Disambiguator, RankedSense

__all__ = ["Disambiguation", "Disambiguator", "RankedSense"]
