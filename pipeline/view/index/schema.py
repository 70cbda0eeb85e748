"""The tables of an index file.

A context's id is its sense's id and its ``tail``, which begins with ``@``; a tail that does not is
the whole id. A vote is ``JUDGE=CHOICE``, a judge being its number among ``names`` and a choice the
number of a sense, ``=`` for the row's own, ``-`` for none, ``?`` for one that is not there; votes
are joined by commas.
"""

from __future__ import annotations

OWN, NONE, UNKNOWN = "=", "-", "?"

TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE names (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE lemmas (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL, bare TEXT NOT NULL, lemma TEXT NOT NULL,
  senses INTEGER NOT NULL, rows INTEGER NOT NULL, short INTEGER NOT NULL,
  contested INTEGER NOT NULL, bad INTEGER NOT NULL, doubted INTEGER NOT NULL,
  rejects INTEGER NOT NULL);
CREATE TABLE senses (
  id INTEGER PRIMARY KEY, sense_id TEXT NOT NULL, synset_id TEXT NOT NULL, lemma INTEGER NOT NULL,
  spelling TEXT NOT NULL, pos TEXT NOT NULL, supersense TEXT NOT NULL, gloss TEXT, cluster TEXT,
  ili TEXT, princeton TEXT, confidence REAL, rows INTEGER NOT NULL, rejects INTEGER NOT NULL);
CREATE TABLE kinds (
  lemma INTEGER NOT NULL, pos TEXT NOT NULL, supersense TEXT NOT NULL,
  PRIMARY KEY (lemma, pos, supersense)) WITHOUT ROWID;
CREATE TABLE facets (
  id INTEGER PRIMARY KEY, split TEXT NOT NULL, pos TEXT NOT NULL, supersense TEXT NOT NULL,
  judged TEXT NOT NULL, audited TEXT NOT NULL, contested INTEGER NOT NULL,
  doubted INTEGER NOT NULL, rows INTEGER NOT NULL);
CREATE TABLE rows (
  id INTEGER PRIMARY KEY, sense INTEGER NOT NULL, tail TEXT NOT NULL, sentence TEXT NOT NULL,
  start INTEGER NOT NULL, stop INTEGER NOT NULL, facet INTEGER NOT NULL, votes TEXT NOT NULL);
CREATE TABLE rejects (
  id INTEGER PRIMARY KEY, stage TEXT NOT NULL, item TEXT NOT NULL, code TEXT NOT NULL,
  detail TEXT NOT NULL, text TEXT NOT NULL, request TEXT, sense INTEGER, synset TEXT);
CREATE VIRTUAL TABLE words USING fts5 (
  exact, bare, content='', columnsize=0, tokenize = "unicode61 remove_diacritics 0");
"""

INDEXES = """
CREATE INDEX lemmas_key ON lemmas (key);
CREATE INDEX lemmas_bare ON lemmas (bare);
CREATE INDEX lemmas_senses ON lemmas (senses DESC, id);
CREATE INDEX lemmas_rows ON lemmas (rows DESC, id);
CREATE UNIQUE INDEX senses_id ON senses (sense_id);
CREATE INDEX senses_lemma ON senses (lemma);
CREATE INDEX senses_synset ON senses (synset_id);
CREATE INDEX rows_sense ON rows (sense);
CREATE INDEX rows_facet ON rows (facet);
CREATE INDEX rows_tail ON rows (tail);
CREATE INDEX rejects_code ON rejects (stage, code);
CREATE INDEX rejects_sense ON rejects (sense);
CREATE INDEX rejects_synset ON rejects (synset);
"""
