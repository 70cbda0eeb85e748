"""Train, validation and three test parts, by exclusion: what each part has seen is exact."""
