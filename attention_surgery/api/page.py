"""The web page and the reference at /docs, where they are built; neither asks another host."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

# Where the page's views stand: exactly these show it, whatever a program may post there.
VIEWS = ("/", "/patch", "/evidence", "/circuit", "/saved")
REFERENCE = "reference.html"
# Accepted, and not by "q=0" refused.
BROTLI = re.compile(r"br(\s*;\s*q=(1(\.0*)?|0\.\d*[1-9]\d*))?", re.IGNORECASE)

NOT_BUILT = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>Attention Surgery</title></head><body><main>
<h1>Attention Surgery</h1>
<p>The API is running, but its {page} has not been built. Run <code>make run</code>, or
<code>npm ci &amp;&amp; npm run build</code> in <code>frontend/</code>, and start the server
again.</p>
<p>The API is described in <a href="/openapi.json">/openapi.json</a>.</p></main></body></html>"""


def install(app: FastAPI, frontend: Path) -> None:
    async def reference(_: Request) -> Response:
        if (frontend / REFERENCE).is_file():
            return FileResponse(frontend / REFERENCE)
        return HTMLResponse(NOT_BUILT.format(page="reference"))

    async def not_built(_: Request) -> Response:
        return HTMLResponse(NOT_BUILT.format(page="page"))

    async def view(_: Request) -> Response:
        return FileResponse(frontend / "index.html")

    app.add_route("/docs", reference, include_in_schema=False)
    built = (frontend / "index.html").is_file()
    for path in VIEWS:
        app.add_route(path, view if built else not_built, include_in_schema=False)
    if built:
        _install_compressed(app, frontend)
        app.frontend("/", directory=frontend, fallback="index.html")


def _install_compressed(app: FastAPI, frontend: Path) -> None:
    """What the build has compressed by Brotli goes out so, to whoever reads it."""
    for compressed in sorted(frontend.glob("assets/*.br")):
        plain = compressed.with_suffix("")
        app.add_route(f"/assets/{plain.name}", _either(plain, compressed), include_in_schema=False)


def _either(plain: Path, compressed: Path) -> Callable[[Request], Awaitable[Response]]:
    media_type, _ = mimetypes.guess_type(plain.name)
    vary = {"Vary": "Accept-Encoding"}

    async def asset(request: Request) -> Response:
        offered = request.headers.get("Accept-Encoding", "").split(",")
        if not any(BROTLI.fullmatch(each.strip()) for each in offered):
            return FileResponse(plain, headers=vary)
        return FileResponse(
            compressed, media_type=media_type, headers={**vary, "Content-Encoding": "br"}
        )

    return asset
