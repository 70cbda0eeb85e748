"""The judges' votes: when another is asked, what they come to, and what they tell of a judge."""
