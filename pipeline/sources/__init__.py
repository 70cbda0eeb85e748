"""Stage ``synsets``: reads a WordNet from one of several kinds of source.

::

    settings  <- interface <- csv_folder, omw, lmf, princeton <- read
                              (files: decoding, archives; lmf_file, princeton_file: formats)
    rules <- clean <- build            siblings, figures <- build

Reading gives :class:`pipeline.sources.interface.SourceSynset`, cleaning makes records of them or
rejects, and :func:`pipeline.sources.build.build_synsets` writes the tables.
"""
