"""From a sentence with a marked target to subword ids with known target positions."""
