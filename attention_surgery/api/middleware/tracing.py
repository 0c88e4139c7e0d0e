"""Request ids, one log line per request, and counters."""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from attention_surgery.api.errors import ERROR_KIND
from attention_surgery.api.middleware.access import WATCHED
from attention_surgery.service.meters import Meters

# In the scope of a request that is another process's to count and to log.
ELSEWHERE = "answered_elsewhere"
ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Tracing:
    """Give each request an id that its answer and all its log lines carry."""

    def __init__(self, app: ASGIApp, meters: Meters, log: Any, log_prompts: bool) -> None:
        self._app, self._meters, self._log = app, meters, log
        self._log_prompts = log_prompts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        offered = Headers(scope=scope).get("x-request-id", "")
        request_id = offered if ACCEPTABLE_ID.fullmatch(offered) else uuid.uuid4().hex
        begin, status, reason = time.monotonic(), 499, None

        async def send_traced(message: Message) -> None:
            nonlocal status, reason
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                status, reason = message["status"], headers.get(ERROR_KIND)
                del headers[ERROR_KIND]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_traced)
            finally:
                if ELSEWHERE not in scope:
                    self._record(scope, status, reason, time.monotonic() - begin)

    def _record(self, scope: Scope, status: int, reason: str | None, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        self._meters.requests.labels(route, str(status)).inc()
        if reason:
            self._meters.refusals.labels(reason).inc()
        path = scope["path"]
        # Probes come every few seconds and say nothing new.
        if path in WATCHED or (path.startswith("/assets/") and status in (200, 206, 304)):
            return
        facts = {"status": status, "seconds": round(seconds, 4), "reason": reason}
        if self._log_prompts:
            facts["prompt"] = scope.get("state", {}).get("prompt")
        shown = path.encode("utf-8", "replace").decode()[:200]
        self._log.info("request", method=scope["method"], path=shown, **facts)
