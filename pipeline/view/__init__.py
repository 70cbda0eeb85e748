"""A local page on a run, its data set and its model: reads them, writes nothing but its index."""
