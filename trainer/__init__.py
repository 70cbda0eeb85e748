"""Learns a sense-aware encoder from a release, measures it, and uses it.

Folders import only those above their line; files beside them are what all others need::

    storage      damaged files, pretrained weights, locks
    text         a marked sentence as words, subword ids and batches
    data         items and the inventory, read from a release
    model        ViConBERT, how one is built, vectors of many sentences
    objectives   the losses, and which negatives they may use
    glosses      gloss encoders and their vectors on disk
    ranking      scores of candidates, and their weights
    saved        a model folder
    export       a folder that opens without this project
    training     from data and settings to a model folder
    evaluation   metrics, baselines, reports
    inference    the senses of a word in a sentence
    senses       how words are used in a corpus, a student that tells it, a bank of sense vectors

``settings`` and ``presets`` lie here since run.toml is read with them before torch is imported;
``progress`` since every folder tells it how far it is.
"""
