"""Pure ASGI middleware: what happens to every request before and after its route."""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

from attention_surgery.api.middleware.access import (
    WRONG_TOKENS_PER_MINUTE,
    Buckets,
    RateLimit,
    Share,
    TokenGate,
)
from attention_surgery.api.middleware.body import BodyGuard
from attention_surgery.api.middleware.head import HeadAsGet
from attention_surgery.api.middleware.headers import PageHeaders
from attention_surgery.api.middleware.sending import Pieces
from attention_surgery.api.middleware.tracing import Tracing
from attention_surgery.service.meters import Meters
from attention_surgery.settings import DEV_SERVER, Settings

# What is sent there holds answers whole.
WITH_RESULTS = re.compile(r"/experiments|/classes/[^/]+/answers")


def install(app: FastAPI, settings: Settings, meters: Meters, log: Any) -> None:
    """Wrap the application; the one added last sees a request first."""
    app.add_middleware(HeadAsGet)
    app.add_middleware(Pieces)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)
    guard(app, settings, meters, log)


def guard(app: FastAPI, settings: Settings, meters: Meters, log: Any) -> None:
    """What concerns who asks and how much, whoever answers."""
    app.add_middleware(
        BodyGuard,
        max_bytes=settings.max_body_bytes,
        # JSON escapes what a saved text may hold: its size is counted again when it is read.
        larger={WITH_RESULTS: settings.max_saved_bytes * 2},
        max_depth=settings.max_json_depth,
        seconds=settings.body_seconds,
    )
    app.add_middleware(Share, at_once=settings.client_connections)
    if settings.rate_limit:
        app.add_middleware(RateLimit, allowed=Buckets(settings.rate_limit))
    if settings.token is not None:
        wrong = min(WRONG_TOKENS_PER_MINUTE, settings.rate_limit or WRONG_TOKENS_PER_MINUTE)
        token = settings.token.get_secret_value()
        app.add_middleware(TokenGate, token=token, wrong=Buckets(wrong))
    app.add_middleware(
        CORSMiddleware,
        allow_origins=[DEV_SERVER, *settings.cors_origins],
        allow_methods=["GET", "HEAD", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "X-Experiment-Key", "X-Request-ID"],
        expose_headers=["Retry-After", "X-Request-ID"],
    )
    app.add_middleware(PageHeaders)
    app.add_middleware(Tracing, meters=meters, log=log, log_prompts=settings.log_prompts)
