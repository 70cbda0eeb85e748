"""What makes a definition or a sentence acceptable: pure rules, each with a code and examples."""
