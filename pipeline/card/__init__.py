"""The data card: README, plots and Croissant metadata, made from the release folder alone."""
