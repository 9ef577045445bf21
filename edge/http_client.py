"""An HTTP client to other services and the provider, straight: no proxy and no .netrc is asked."""

import ssl
from functools import cache

import httpx


@cache
def authorities() -> ssl.SSLContext:
    """Who vouches for a server. Read once per process: it takes longer than many a request."""
    return httpx.create_ssl_context(trust_env=False)


def http_client(timeout_s: float = 5.0) -> httpx.AsyncClient:
    return httpx.AsyncClient(verify=authorities(), timeout=timeout_s, trust_env=False)
