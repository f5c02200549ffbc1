"""The way in for bodies' own systems: HTTP and JSON, described by OpenAPI."""
