"""Who may ask, how often, and how much at once."""

from __future__ import annotations

import base64
import binascii
import hmac
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from attention_surgery.api.errors import Refused

# Exactly these: a path that only begins like a probe's may lead anywhere.
PROBES = ("/health/live", "/health/ready")
# Who watches the server is answered however much else comes from the same address.
WATCHED = (*PROBES, "/metrics")
CLIENTS_REMEMBERED = 10_000
# Guesses at the token; who mistypes it needs a few, who tries all needs millions.
WRONG_TOKENS_PER_MINUTE = 30


class Buckets:
    """So many things a minute for each client, from a bucket that refills."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute, self._clock = per_minute, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def seconds_to_wait(self, client: str) -> float:
        """How long until the client may do it; 0 is now."""
        return max(0.0, (1 - self._left(client)) * 60 / self.per_minute)

    def take(self, client: str) -> None:
        """The client has done it."""
        self._buckets[client] = (self._left(client) - 1, self._clock())
        self._buckets.move_to_end(client)
        while len(self._buckets) > CLIENTS_REMEMBERED:
            self._buckets.popitem(last=False)

    def _left(self, client: str) -> float:
        full = float(self.per_minute)
        left, since = self._buckets.get(client, (full, self._clock()))
        return min(full, left + (self._clock() - since) * self.per_minute / 60)


class TokenGate:
    """Let in who knows the token: programs as `Bearer`, browsers by their password prompt.

    Who has guessed wrong too often is refused before the next guess is looked at.
    """

    def __init__(self, app: ASGIApp, token: str, wrong: Buckets) -> None:
        self._app, self._token, self._wrong = app, token.encode(), wrong

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        try:
            self._check(client_of(scope), offered_token(scope))
        except Refused as no:
            await no.response()(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _check(self, client: str, offered: bytes | None) -> None:
        if offered is not None:
            if (wait := self._wrong.seconds_to_wait(client)) > 0:
                raise too_often(f"{self._wrong.per_minute} wrong tokens", wait)
            if hmac.compare_digest(offered, self._token):
                return
            self._wrong.take(client)
        raise Refused(
            401,
            "This server needs its token: send the header Authorization: Bearer …, or enter it as "
            "the password.",
            "Unauthorized",
            {"WWW-Authenticate": 'Basic realm="Attention Surgery", Bearer'},
        )


def offered_token(scope: Scope) -> bytes | None:
    """What the request says the token is, if it says anything."""
    scheme, _, credentials = Headers(scope=scope).get("authorization", "").partition(" ")
    offered = credentials.strip().encode("latin-1", "replace")
    match scheme.lower():
        case "basic":
            return _password(offered)
        case "bearer":
            return offered
        case _:
            return None


def _password(credentials: bytes) -> bytes:
    try:
        return base64.b64decode(credentials, validate=True).partition(b":")[2]
    except binascii.Error:
        return b""


class RateLimit:
    """At most so many requests a minute from one client that work or change something."""

    def __init__(self, app: ASGIApp, allowed: Buckets) -> None:
        self._app, self._allowed = app, allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in ("POST", "DELETE"):
            client = client_of(scope)
            if (wait := self._allowed.seconds_to_wait(client)) > 0:
                no = too_often(f"{self._allowed.per_minute} requests", wait)
                await no.response()(scope, receive, send)
                return
            self._allowed.take(client)
        await self._app(scope, receive, send)


class Share:
    """At most so many requests of one client under way, however many connections bring them."""

    def __init__(self, app: ASGIApp, at_once: int) -> None:
        self._app, self._at_once = app, at_once
        self._under_way: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in WATCHED:
            await self._app(scope, receive, send)
            return
        client = client_of(scope)
        if self._under_way[client] >= self._at_once:
            no = Refused(
                429,
                f"{self._at_once} requests of yours are under way, which is all that one client "
                "may have; wait for an answer.",
                "TooManyRequests",
                {"Retry-After": "5"},
            )
            await no.response()(scope, receive, send)
            return
        self._under_way[client] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way[client] -= 1
            if not self._under_way[client]:
                del self._under_way[client]


def client_of(scope: Scope) -> str:
    return str((scope.get("client") or ("local", 0))[0])


def too_often(what: str, wait: float) -> Refused:
    return Refused(
        429,
        f"More than {what} a minute came from you; retry in {math.ceil(wait)} seconds.",
        "RateLimited",
        {"Retry-After": str(math.ceil(wait))},
    )
