"""Estimates with their uncertainty: survey totals and shares that respect the design.

Pure Python: no Django, no database, no clock, no network.
"""
