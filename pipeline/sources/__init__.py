"""Stage ``synsets``: reads a Vietnamese WordNet from one of four kinds of source.

::

    settings  <- interface <- csv_folder, omw, lmf <- read
                              (files: decoding, archives; princeton: English hints)
    rules <- clean <- build            siblings, figures <- build

Reading gives :class:`pipeline.sources.interface.SourceSynset`, cleaning makes records of them or
rejects, and :func:`pipeline.sources.build.build_synsets` writes the tables.
"""
