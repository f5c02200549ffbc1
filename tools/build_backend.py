"""Builds the wheel as setuptools does, and refuses to build one without the design system."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

STYLES = Path("src/bield/service/static/vendor/design-system/css/design-system.min.css")


def build_wheel(
    wheel_directory: str,
    config_settings: Mapping[str, str | list[str] | None] | None = None,
    metadata_directory: str | None = None,
) -> str:
    """Build the wheel. Ends where the design system has not been fetched: its pages would have no styles."""
    if not STYLES.is_file():
        sys.exit(f"{STYLES} is missing: a wheel without it would serve pages without styles. Run `make static` first")
    return str(build_meta.build_wheel(wheel_directory, config_settings, metadata_directory))
