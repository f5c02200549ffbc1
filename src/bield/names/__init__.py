"""Names of the world: a single way to fold them, for finding a person and for linking reports.

Pure Python: no Django, no database, no clock, no network.
"""

from __future__ import annotations

from bield.names.folding import asked, covers, fold, forms, meet

__all__ = ["asked", "covers", "fold", "forms", "meet"]
