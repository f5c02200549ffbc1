"""Assesses survey files of any size: one row for each person, one column for each indicator."""
