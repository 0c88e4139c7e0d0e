"""Who may ask, and how often; both are off unless the settings turn them on."""

from __future__ import annotations

import base64
import binascii
import hmac
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from attention_surgery.api.errors import error_response

PROBES = "/health/"
CLIENTS_REMEMBERED = 10_000


class TokenGate:
    """Let in who knows the token: programs as `Bearer`, browsers by their password prompt."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(PROBES) or self._knows(scope):
            await self._app(scope, receive, send)
            return
        refusal = error_response(
            401,
            "This server needs its token: send the header Authorization: Bearer …, or enter it as "
            "the password.",
            "Unauthorized",
            {"WWW-Authenticate": 'Basic realm="Attention Surgery", Bearer'},
        )
        await refusal(scope, receive, send)

    def _knows(self, scope: Scope) -> bool:
        scheme, _, credentials = Headers(scope=scope).get("authorization", "").partition(" ")
        offered = credentials.strip().encode("latin-1", "replace")
        if scheme.lower() == "basic":
            offered = _password(offered)
        elif scheme.lower() != "bearer":
            return False
        return hmac.compare_digest(offered, self._token)


def _password(credentials: bytes) -> bytes:
    try:
        return base64.b64decode(credentials, validate=True).partition(b":")[2]
    except binascii.Error:
        return b""


class RateLimit:
    """At most so many POST requests a minute from one client, as a bucket that refills."""

    def __init__(
        self, app: ASGIApp, per_minute: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app, self._per_minute, self._clock = app, per_minute, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        client = (scope.get("client") or ("local", 0))[0]
        if (wait := self._seconds_to_wait(client)) <= 0:
            await self._app(scope, receive, send)
            return
        refusal = error_response(
            429,
            f"More than {self._per_minute} requests a minute came from you; retry in "
            f"{math.ceil(wait)} seconds.",
            "RateLimited",
            {"Retry-After": str(math.ceil(wait))},
        )
        await refusal(scope, receive, send)

    def _seconds_to_wait(self, client: str) -> float:
        now, per_second = self._clock(), self._per_minute / 60
        left, since = self._buckets.pop(client, (float(self._per_minute), now))
        left = min(float(self._per_minute), left + (now - since) * per_second)
        allowed = left >= 1
        self._buckets[client] = (left - 1 if allowed else left, now)
        while len(self._buckets) > CLIENTS_REMEMBERED:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - left) / per_second
