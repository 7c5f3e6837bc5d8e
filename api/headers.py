"""Security headers, on every answer. A view that needs more sets the header itself, and is then left alone.

Pages with a scanner may use the camera and run WebAssembly; those of the workshop may start their service worker. No
other page may do either. They are named here by their paths, so that one look says which they are.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from flask import Flask, Response, request

from api.edge import edge_of

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
SCANNER_PAGES = re.compile(r"/|/w|/w/batch")
WORKSHOP_PAGES = re.compile(r"/w(?:/.*)?")
WORKER_POLICY = "packtrail-worker"
"""The Trusted Types policy in static/w/page.js, which lets the one service worker through."""
_NO_DEVICES = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": _NO_DEVICES,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_HSTS = ("Strict-Transport-Security", "max-age=63072000")


def install(app: Flask) -> None:
    """Add the headers after each request; HSTS where the register's own address is https."""
    rows = [*_ALWAYS.items(), ("Cache-Control", "no-store")]
    if urlsplit(edge_of(app).register.settings.base_url).scheme == "https":
        rows.append(_HSTS)

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in (*_own_rows(request.path), *rows):
            if name not in response.headers:
                response.headers[name] = value
        return response


def _own_rows(path: str) -> Iterator[tuple[str, str]]:
    """What the page at `path` may do beyond all others."""
    scans, works = SCANNER_PAGES.fullmatch(path), WORKSHOP_PAGES.fullmatch(path)
    policy = CONTENT_SECURITY_POLICY
    if scans:
        policy = policy.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
        yield "Permissions-Policy", _NO_DEVICES.replace("camera=()", "camera=(self)")
    if works:
        policy = policy.replace("trusted-types 'none'", f"trusted-types {WORKER_POLICY}")
    if policy != CONTENT_SECURITY_POLICY:
        yield "Content-Security-Policy", policy
