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
from bield.standards.schema import htcds_schema
from bield.standards.validate import Problem, validate, validate_file

__all__ = [
    "Field",
    "Generation",
    "Group",
    "Problem",
    "Row",
    "StandardsError",
    "detect",
    "document",
    "from_htcds",
    "generations",
    "groups",
    "htcds_schema",
    "read_rows",
    "to_htcds",
    "validate",
    "validate_file",
    "write_rows",
]
