"""Bield: an open system for a country's work against human trafficking."""
