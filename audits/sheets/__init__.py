"""Sheets of rows for people: columns, row keys, workbooks."""
