"""Finding the synset of Princeton WordNet that a synset of another WordNet translates."""
