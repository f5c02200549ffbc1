"""Assess survey files of any size: one row a person, one column an indicator."""
