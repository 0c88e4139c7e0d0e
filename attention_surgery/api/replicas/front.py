"""`create_front`: the application that clients of several replicas see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Response
from prometheus_client import Gauge

from attention_surgery.api import errors, schemas
from attention_surgery.api.middleware import guard
from attention_surgery.api.replicas.figures import together
from attention_surgery.api.replicas.fleet import Fleet
from attention_surgery.api.replicas.forwarding import Forwarding
from attention_surgery.api.routes import live
from attention_surgery.api.server.bounding import BoundedAPI
from attention_surgery.api.shutdown import stop_gracefully
from attention_surgery.service.log import make_log
from attention_surgery.service.meters import PREFIX, Meters
from attention_surgery.settings import Settings

READ = ["GET", "HEAD"]


def create_front(settings: Settings, fleet: Fleet) -> FastAPI:
    """As `factory.create_app`, with replicas in the place of models."""
    log, meters = make_log(settings.log_format), Meters()
    _count(fleet, meters)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        fleet.start()
        async with stop_gracefully(fleet, settings.grace_seconds, log):
            yield

    app = BoundedAPI(
        settings=settings,
        meters=meters,
        log=log,
        lifespan=lifespan,
        # Replicas answer these.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.api_route("/health/live", methods=READ)(live)

    @app.api_route("/health/ready", methods=READ)
    async def ready(response: Response) -> schemas.Ready:
        if reason := fleet.reason_not_ready():
            response.status_code = 503
            return schemas.Ready(status="not ready", reason=reason)
        return schemas.Ready(status="ready")

    @app.api_route("/metrics", methods=READ)
    async def metrics() -> Response:
        body, content_type = meters.exposition()
        parts = {"front": body} | await fleet.look(b"/metrics")
        body = await asyncio.to_thread(together, parts)
        return Response(body, headers={"Content-Type": content_type})

    app.router.default = Forwarding(fleet.in_order, meters)
    errors.install(app)
    guard(app, settings, meters, log)
    return app


def _count(fleet: Fleet, meters: Meters) -> None:
    replicas = Gauge(f"{PREFIX}replicas", "Replicas.", ["state"], registry=meters.registry)
    replicas.labels("alive").set_function(lambda: len(fleet.links))
    replicas.labels("ready").set_function(lambda: sum(link.ready for link in fleet.links))
