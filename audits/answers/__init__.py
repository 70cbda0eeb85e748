"""What came back: files are checked row by row, answers are kept, joined and decided."""
