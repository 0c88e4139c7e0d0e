"""Bounds for the server that runs the application, however it was started."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import psutil
import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from attention_surgery.api.server.connection import Bounds, Connection
from attention_surgery.api.server.crowd import Crowd
from attention_surgery.api.server.proxies import ForwardedClient, TrustedProxies
from attention_surgery.service.meters import Meters
from attention_surgery.settings import Settings

# File descriptors kept for models, logs, and connections that are accepted but not yet seen.
LARGEST_RESERVE = 128


class BoundedAPI(FastAPI):
    """An application that, when uvicorn starts it, bounds the connections uvicorn will accept.

    An application is not told who serves it. But the `receive` of uvicorn's lifespan belongs to
    an object with the server's configuration, in which the class of a connection is looked up for
    each new one. So `uvicorn attention_surgery.api:app` is bounded as `attention-surgery serve`.
    """

    def __init__(self, *, settings: Settings, meters: Meters, log: Any, **of_fastapi: Any) -> None:
        super().__init__(**of_fastapi)
        self._settings, self._meters, self._log = settings, meters, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            try:
                self._bound(getattr(getattr(receive, "__self__", None), "config", None))
            except ValueError as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
        await super().__call__(scope, receive, send)

    def _bound(self, config: object) -> None:
        if isinstance(config, uvicorn.Config) and config.http_protocol_class is HttpToolsProtocol:
            bound_connections(config, self._settings, self._meters, self._log)
        else:
            self._log.warning(
                "connections are not bounded",
                reason="only those of uvicorn with httptools can be; let a proxy in front do it",
            )


def bound_connections(config: uvicorn.Config, settings: Settings, meters: Meters, log: Any) -> None:
    """Put the settings in force for a server that accepts no connection yet.

    Raises:
        ValueError: the proxies to trust are no addresses.
    """
    trusted = TrustedProxies(config.forwarded_allow_ips if config.proxy_headers else ())
    most, reserve = room(settings.max_connections)
    crowd = Crowd(most, settings.client_connections, trusted.believes)
    config.backlog = min(config.backlog, reserve)
    config.http_protocol_class = partial(Connection, Bounds(settings, crowd, meters, log))  # type: ignore[assignment]
    if isinstance(config.loaded_app, ProxyHeadersMiddleware):
        config.loaded_app = config.loaded_app.app
    config.loaded_app = ForwardedClient(config.loaded_app, trusted)


def room(wanted: int) -> tuple[int, int]:
    """How many connections this process can have, and how many may wait to be accepted.

    Every connection is an open file, and a process that has no more cannot accept anyone.
    """
    if sys.platform == "win32":
        return wanted, LARGEST_RESERVE
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return wanted, LARGEST_RESERVE
    spare = max(limit - psutil.Process().num_fds(), 2)
    reserve = min(LARGEST_RESERVE, max(1, spare // 3))
    return min(wanted, spare - reserve), reserve
