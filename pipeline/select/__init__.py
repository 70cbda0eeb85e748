"""Which contexts stay: duplicates, near-duplicates, the judge's and the auditors' verdicts."""
