"""What makes one meaning vector of a target's states: heads, and the saved folder."""
