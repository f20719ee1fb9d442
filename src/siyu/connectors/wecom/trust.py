"""The certificates that HTTPS connections trust, read once per process: reading them takes longer than a call."""

import ssl
from functools import cache

import httpx


@cache
def trust() -> ssl.SSLContext:
    return httpx.create_ssl_context()
