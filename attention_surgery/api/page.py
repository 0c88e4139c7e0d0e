"""The web page, when it is built, and the reference at /docs; neither asks anyone else."""

from __future__ import annotations

from html import escape
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from attention_surgery.api.reference import STYLE, render

# Where the page's views stand: exactly these show it, whatever a program may post there.
VIEWS = ("/", "/patch", "/evidence", "/circuit", "/saved")

NOT_BUILT = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Attention Surgery</title>
<link rel="stylesheet" href="/docs/style.css"></head><body><main>
<h1>Attention Surgery</h1>
<p>The API is running, but the page has not been built. Run <code>make run</code>, or
<code>npm ci && npm run build</code> in <code>frontend/</code>, and start the server again.</p>
<p>The API is described at <a href="/docs">/docs</a>.</p></main></body></html>"""


def install(app: FastAPI, frontend: Path) -> None:
    async def reference(_: Request) -> Response:
        return HTMLResponse(render(app.openapi()))

    async def style(_: Request) -> Response:
        return PlainTextResponse(STYLE, media_type="text/css")

    async def not_built(_: Request) -> Response:
        return HTMLResponse(NOT_BUILT.replace("&&", escape("&&")))

    app.add_route("/docs", reference, include_in_schema=False)
    app.add_route("/docs/style.css", style, include_in_schema=False)

    async def view(_: Request) -> Response:
        return FileResponse(frontend / "index.html")

    built = (frontend / "index.html").is_file()
    for path in VIEWS:
        app.add_route(path, view if built else not_built, include_in_schema=False)
    if built:
        app.frontend("/", directory=frontend, fallback="index.html")
