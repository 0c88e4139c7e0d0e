"""One replica as the front sees it: where it listens, and how much it has to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpcore

from attention_surgery.api.server.connection import unreadable
from attention_surgery.errors import ReplicaLost

# How long a connection to a process that lives may take, and one that nobody uses may stay.
CONNECT_SECONDS, KEPT_SECONDS = 5.0, 60.0
# Who watches the server does not wait longer for one of its replicas.
LOOK_SECONDS = 5.0
LOST = (
    "The replica of the server that worked on this has ended in the middle of it and is replaced: "
    "send the request again."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it is handed on.

    Attributes:
        target: path and query, as they came.
        headers: with the client's address, without what is the connection's.
    """

    method: bytes
    target: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Unreached(Exception):
    """Nobody listens there: the request was not even sent."""


class Link:
    """Connections to a replica.

    Args:
        secret: by which the replica knows the front.
        patience: seconds after which a replica that says nothing counts as lost.

    Attributes:
        ready: a model of it can answer.
        under_way: requests that it has not answered to their end.
    """

    def __init__(self, number: int, host: str, port: int, secret: str, patience: float) -> None:
        self.number, self.ready, self.under_way = number, False, 0
        self._place = host.encode(), port
        self._secret = b"Bearer " + secret.encode()
        self._timeout = {"connect": CONNECT_SECONDS, "read": patience, "write": patience}
        self._pool = httpcore.AsyncConnectionPool(
            max_connections=None, max_keepalive_connections=None, keepalive_expiry=KEPT_SECONDS
        )

    @asynccontextmanager
    async def asked(self, asked: Asked) -> AsyncIterator[httpcore.Response]:
        """Its answer, whose body can be read within this context; leaving it hangs up.

        Raises:
            Unreached: it does not listen; another may be asked.
            ReplicaLost: it has ended meanwhile, also while the body is read.
            Refused: this cannot be sent as HTTP.
        """
        host, port = self._place
        where = httpcore.URL(scheme=b"http", host=host, port=port, target=asked.target)
        headers = [*asked.headers, (b"authorization", self._secret)]
        told = {"timeout": self._timeout}
        self.under_way += 1
        try:
            async with self._pool.stream(
                asked.method, where, headers=headers, content=asked.body, extensions=told
            ) as answer:
                yield answer
        except (httpcore.ConnectError, httpcore.ConnectTimeout):
            raise Unreached from None
        except httpcore.LocalProtocolError:
            raise unreadable() from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
            raise ReplicaLost(LOST) from None
        finally:
            self.under_way -= 1

    async def look(self, path: bytes) -> tuple[int, bytes] | None:
        """Status and body of one of its own pages; None where it does not answer soon."""
        asked = Asked(b"GET", path, [(b"host", self._place[0])], b"")
        try:
            async with asyncio.timeout(LOOK_SECONDS), self.asked(asked) as answer:
                return answer.status, await answer.aread()
        except (Unreached, ReplicaLost, TimeoutError):
            return None

    async def close(self) -> None:
        """Hang up, also on what is under way."""
        await self._pool.aclose()
