"""Standards for sharing: HTCDS 2.0 with its schema and validator, the columns of CTDC, and services in HSDS.

Pure Python: no Django, no clock, no network.
"""

from bield.standards.ctdc import (
    Generation,
    Row,
    detect,
    document,
    from_htcds,
    generations,
    read_rows,
    to_htcds,
    write_rows,
)
from bield.standards.fields import Field, Group, StandardsError, groups
from bield.standards.files import Cases, convert, read_cases, targets
from bield.standards.schema import htcds_schema
from bield.standards.validate import Problem, Summary, check, summarised, validate

__all__ = [
    "Cases",
    "Field",
    "Generation",
    "Group",
    "Problem",
    "Row",
    "StandardsError",
    "Summary",
    "check",
    "convert",
    "detect",
    "document",
    "from_htcds",
    "generations",
    "groups",
    "htcds_schema",
    "read_cases",
    "read_rows",
    "summarised",
    "targets",
    "to_htcds",
    "validate",
    "write_rows",
]
