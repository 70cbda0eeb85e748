"""The draw: candidates, strata, sizes, and who gets which rows."""
