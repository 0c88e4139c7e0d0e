"""Headers that keep a page from doing what it was not built to do, and tell caches what holds."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    ]
)
SECURITY = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
FOREVER = "public, max-age=31536000, immutable"


class PageHeaders:
    """Security headers on every answer; `Cache-Control` where the route said nothing.

    Redirects stay on this host: they are built from the `Host` header, which a client makes up.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
                if "location" in headers:
                    headers["Location"] = on_this_host(headers["location"])
                found = message["status"] in (200, 206, 304)
                # The names of built assets hold a hash of their content.
                built = found and scope["path"].startswith("/assets/")
                headers.setdefault("Cache-Control", FOREVER if built else "no-cache")
            await send(message)

        await self._app(scope, receive, send_with_headers)


def on_this_host(location: str) -> str:
    """The path of an address; several slashes in front would name another host."""
    parts = urlsplit(location)
    return urlunsplit(("", "", "/" + parts.path.lstrip("/\\"), parts.query, ""))
