"""The page: a file of HTML on which an annotator answers a sheet's rows in a browser."""
