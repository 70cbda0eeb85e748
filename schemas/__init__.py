"""Records of the data set and the rules every record keeps: no model calls, no network."""
