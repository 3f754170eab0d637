"""What every answer and every form is protected by: headers, CSRF, the limit on login tries.

No inline script or style anywhere and nothing from other hosts, so the policy can be the strictest one.
"""

from __future__ import annotations

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect

LOGIN_TRIES = "8 per 5 minutes; 30 per hour"
"""Failed ones, per address: with 79 bits or a chosen secret of ten letters guessing is hopeless."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def install(app: Flask) -> Limiter:
    """-> the limiter, for the login page to hang its limit on."""
    CSRFProtect(app)
    app.after_request(_protect)
    return Limiter(get_remote_address, app=app, storage_uri="memory://", headers_enabled=False)


def _protect(response: Response) -> Response:
    response.headers.extend((name, value) for name, value in HEADERS.items() if name not in response.headers)
    if request.endpoint != "static":
        # Pages hold numbers and names of people: no copy stays in a shared browser after signing out.
        response.headers.setdefault("Cache-Control", "no-store")
    return response
