"""`create_app`: build the application; its lifespan owns the service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from attention_surgery import __version__
from attention_surgery.api import classes, errors, experiments, openapi, page, routes, runs, tasks
from attention_surgery.api.middleware import install as install_middleware
from attention_surgery.api.server.bounding import BoundedAPI
from attention_surgery.api.shutdown import stop_gracefully
from attention_surgery.service.log import make_log
from attention_surgery.service.service import SurgeryService
from attention_surgery.settings import Settings

DESCRIPTION = """Interactive surgery on the attention heads of GPT-2: cut heads, continue the
prompt with and without them, and measure which of them matter.

Heads are zero-indexed and written L9H6. `logprob` is a natural logarithm, `prob` lies in [0, 1],
divergences are in nats. Every refusal is `{"detail": sentence, "error": kind}`."""


def application(settings: Settings) -> FastAPI:
    """What a server runs: everything in one process, or the front of several.

    Raises:
        ModelUnavailable, InvalidSetting: there is no cluster for the replicas.
    """
    if settings.replicas == 1:
        return create_app(settings)
    from attention_surgery.api.replicas.fleet import Fleet
    from attention_surgery.api.replicas.front import create_front

    return create_front(settings, Fleet(settings, make_log(settings.log_format)))


def create_app(settings: Settings) -> FastAPI:
    """The API, and the page when it is built. Nothing is loaded before the lifespan begins."""
    log = make_log(settings.log_format)
    service = SurgeryService(settings, log)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        service.saved.start()
        service.runs.start()
        async with stop_gracefully(service, settings.grace_seconds, log):
            yield

    app = BoundedAPI(
        settings=settings,
        meters=service.meters,
        log=log,
        title="Attention Surgery",
        version=__version__,
        summary="Cut the attention heads of GPT-2 and see what changes.",
        description=DESCRIPTION,
        license_info={"name": "MIT", "identifier": "MIT"},
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
        docs_url=None,
        redoc_url=None,
        # A redirect would name the host that the client claims to speak to.
        redirect_slashes=False,
    )
    app.state.settings, app.state.service = settings, service
    kept = (tasks.router, runs.router, experiments.router, classes.router)
    for router in (routes.surgery(), routes.models, *kept, routes.health):
        app.include_router(router)
    errors.install(app)
    openapi.install(app)
    page.install(app, settings.frontend)
    install_middleware(app, settings, service.meters, log)
    return app
