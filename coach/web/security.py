"""Headers, Content-Security-Policy and what a proxy may tell us."""

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; manifest-src 'self';"
    " worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
PERMISSIONS_OFF = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_OFF,
}
TWO_YEARS = 63_072_000


def secure(app: Flask, settings: Settings) -> None:
    """Set the headers on every answer and believe as many proxies as the settings say."""
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # the documented way to wrap
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=0, x_prefix=0
        )

    @app.before_request
    def take_head_for_get() -> None:
        # A view that tells showing from doing by the method must not do it for a HEAD, which comes
        # without a CSRF token; that its answer has no body is seen to by the server.
        if request.method == "HEAD":
            request.method = "GET"

    @app.after_request
    def set_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.on_https:
            response.headers["Strict-Transport-Security"] = (
                f"max-age={TWO_YEARS}; includeSubDomains"
            )
        if request.endpoint != "static" or response.status_code >= 400:
            response.headers.setdefault("Cache-Control", "no-store")
            response.vary.add("HX-Request")
        return response
