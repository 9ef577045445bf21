"""`python -m edge.probe [PATH]`: asks this container's process; fails unless it answers 200.

For health checks in an image that has no curl; the standard library alone, so that it is quick.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException

WITHIN_S = 8.0
OK = 200


def main(path: str = "/readyz") -> int:
    port = int(os.environ.get("VONGTAY_HEALTH_PORT") or os.environ["VONGTAY_PORT"])
    connection = HTTPConnection("127.0.0.1", port, timeout=WITHIN_S)
    try:
        connection.request("GET", path)
        return int(connection.getresponse().status != OK)
    except (OSError, HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
