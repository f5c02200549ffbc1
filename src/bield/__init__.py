"""Bield: an open system for a country's work against human trafficking."""

from importlib.metadata import version

__version__ = version("bield")
