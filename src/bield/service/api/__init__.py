"""The door for bodies' own systems: HTTP and JSON, described by OpenAPI."""
