"""How words are used in a corpus: a dictionary of usage vectors, and a student that looks them up.

A teacher reads the corpus, the vectors of each word are clustered, and a small student learns to
name the cluster (Multi-Sense Embeddings for Language Models and Knowledge Distillation, arXiv
2504.06036). Clusters are usages, not senses of a dictionary: docs/senses.md.
"""
