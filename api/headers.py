"""Security headers, on every answer. A view that needs more sets the header itself, and is then left alone."""

from urllib.parse import urlsplit

from flask import Flask, Response

from api.edge import edge_of

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
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
        for name, value in rows:
            if name not in response.headers:
                response.headers[name] = value
        return response
