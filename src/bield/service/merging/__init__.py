"""Merges two records of one person, and takes them apart again."""
