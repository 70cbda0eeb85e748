"""Everything that is true of one language only: a folder each, and what every folder must hold.

``languages/language.py`` says what a language consists of; a file of that name in the language's
folder holds the part. docs/languages.md says how to write a new folder.
"""
