"""The release folder: typed Parquet shards, provenance, manifest, and the proof of no leaks."""
