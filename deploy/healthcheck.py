"""Asks the service in the same container whether it is healthy, as its proxy would: ends with 0 for yes, 1 for no."""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException


def healthy(port: int) -> bool:
    """Whether /health/ answers 200. The service answers only to its own host name, and over TLS as it believes."""
    host = os.environ["ALLOWED_HOSTS"].split(",")[0].removeprefix(".")
    connection = HTTPConnection("127.0.0.1", port, timeout=8)
    try:
        connection.request("GET", "/health/", headers={"Host": host, "X-Forwarded-Proto": "https"})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False


if __name__ == "__main__":
    sys.exit(0 if healthy(int(sys.argv[1]) if len(sys.argv) > 1 else 8000) else 1)
