"""The replicas of a server: begun, watched, replaced, and ended with it."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from typing import Any
from zlib import crc32

from pydantic import SecretStr

from attention_surgery import __version__
from attention_surgery.api.replicas.link import Link
from attention_surgery.api.replicas.replica import Replica
from attention_surgery.cluster.joining import connect, cores_for, first_line, machines
from attention_surgery.errors import InvalidSetting, ModelUnavailable
from attention_surgery.settings import Settings
from attention_surgery.store.place import database_url, file_of

LOOK_SECONDS = 0.2
# Between the end of a replica and the next try: longer each time that it did not live for long.
FIRST_PAUSE, LONGEST_PAUSE, LONG_LIFE = 0.5, 30.0, 60.0
END_SECONDS = 10.0
LOCALHOST = "127.0.0.1"
DAY = 86_400.0
STOPPING = "The server is stopping and accepts no new work; retry in a few seconds."


class Fleet:
    """Owned by one event loop; `start` and `stop` bracket its life.

    Args:
        settings: of the server; with a cluster of its own where they name none.

    Raises:
        ModelUnavailable: there is no Ray, or no cluster answers.
        InvalidSetting: the cluster's machines would not share what is saved.
    """

    def __init__(self, settings: Settings, log: Any) -> None:
        self._settings, self._log = settings, log
        self.stopping = False
        self._secret = secrets.token_urlsafe(24)
        threads = settings.threads or cores_for(settings.replicas, settings.cluster)
        _join(settings, threads)
        import ray

        self._ray = ray
        self._actor = ray.remote(
            num_cpus=threads, max_restarts=0, max_concurrency=8, scheduling_strategy="SPREAD"
        )(Replica)
        self._given = of_replica(settings, threads, self._secret)
        self._links: dict[int, Link] = {}
        self._actors: dict[int, Any] = {}
        self._keepers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin all replicas, at once."""
        keepers = range(self._settings.replicas)
        self._keepers = [asyncio.ensure_future(self._keep(number)) for number in keepers]

    @property
    def links(self) -> Sequence[Link]:
        """To those that live."""
        return tuple(self._links.values())

    def in_order(self, client: str) -> Sequence[Link]:
        """Those that live: with a model before those without, and with little to do before those
        with much; of equal ones a client has its own, which may remember its last answer.
        """

        def rank(link: Link) -> tuple[bool, int, int]:
            return not link.ready, link.under_way, crc32(f"{link.number} {client}".encode())

        return sorted(self._links.values(), key=rank)

    async def look(self, path: bytes) -> dict[str, bytes]:
        """What each has on one of its own pages, by its number; of those that tell in time."""
        links = self.links
        found = await asyncio.gather(*(link.look(path) for link in links))
        named = zip(links, found, strict=True)
        return {str(link.number): each[1] for link, each in named if each is not None}

    def reason_not_ready(self) -> str | None:
        if self.stopping:
            return STOPPING
        if any(link.ready for link in self._links.values()):
            return None
        return f"None of the server's {self._settings.replicas} replicas is ready."

    # The end

    def begin_shutdown(self) -> None:
        """Have the replicas accept no more; what was admitted goes on."""
        self.stopping = True
        for actor in self._actors.values():
            actor.begin_shutdown.remote()

    def refuse_all(self) -> None:
        """Have them end what is left, streams with an event."""
        for actor in self._actors.values():
            actor.refuse_all.remote()

    async def stop(self) -> bool:
        """End all replicas; whether each has ended by itself."""
        self.begin_shutdown()
        for actor in self._actors.values():
            actor.stop.remote()
        left: set[asyncio.Task[None]] = set()
        if self._keepers:
            _, left = await asyncio.wait(self._keepers, timeout=END_SECONDS)
        for keeper in left:
            keeper.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await asyncio.to_thread(self._ray.shutdown)
        return not left

    # A replica's life

    async def _keep(self, number: int) -> None:
        """A replica, and another when it has ended."""
        pause = FIRST_PAUSE
        while not self._is_over():
            begun = time.monotonic()
            try:
                await self._live(number)
                why = "it has stopped"
            except Exception as error:  # whatever it is, the others go on
                why = first_line(error)
            if self._is_over():
                return
            long = time.monotonic() - begun > LONG_LIFE
            pause = FIRST_PAUSE if long else min(2 * pause, LONGEST_PAUSE)
            self._log.warning("a replica has ended and is replaced", replica=number, reason=why)
            await asyncio.sleep(pause)

    def _is_over(self) -> bool:
        return self.stopping

    async def _live(self, number: int) -> None:
        """From its beginning to its end."""
        own_cluster = self._settings.cluster is None
        actor = self._actor.remote(self._given, LOCALHOST if own_cluster else None)
        self._actors[number] = actor
        try:
            version, host, port = await _of(actor.about.remote())
            if version != __version__:
                raise ModelUnavailable(
                    f"A machine of the cluster has attention-surgery {version}, and this one "
                    f"{__version__}: install the same there."
                )
            await self._serve(Link(number, host, port, self._secret, self._patience), actor)
        finally:
            del self._actors[number]
            self._ray.kill(actor)

    async def _serve(self, link: Link, actor: Any) -> None:
        served = _of(actor.serve.remote())
        self._links[link.number] = link
        try:
            while not served.done() and not link.ready:
                status, _ = await link.look(b"/health/ready") or (503, b"")
                link.ready = status == 200
                await asyncio.wait({served}, timeout=0 if link.ready else LOOK_SECONDS)
            if link.ready:
                self._log.info("a replica is ready", replica=link.number)
            await served
        finally:
            del self._links[link.number]
            await link.close()

    @property
    def _patience(self) -> float:
        """Longer than any replica is silent while it lives."""
        return 2 * self._settings.time_limit + self._settings.body_seconds


def of_replica(settings: Settings, threads: int, secret: str) -> Settings:
    """What a replica is told: as the server, but that the front counts what clients do."""
    return settings.model_copy(
        update={
            "threads": threads,
            "token": SecretStr(secret),
            "rate_limit": 0,
            "client_connections": settings.max_connections,
            "cors_origins": (),
            # The front's connections stay, and it sees itself who takes nothing of an answer.
            "idle_seconds": DAY,
            "stall_seconds": 4 * settings.stall_seconds,
        }
    )


def _join(settings: Settings, threads: int) -> None:
    """Raises:
    ModelUnavailable: there is no Ray, or no cluster answers.
    InvalidSetting: the cluster cannot be used so.
    """
    if settings.cluster is None:
        connect("local", cores=settings.replicas * threads, show_logs=True)
        return
    if settings.cluster.startswith("ray://"):
        raise InvalidSetting(
            "Replicas are reached over their cluster's own network: start the server on a machine "
            "of the cluster, with auto as its address."
        )
    connect(settings.cluster, show_logs=True)
    place = None if settings.database is None else settings.database.get_secret_value()
    keeps = settings.saving or settings.runs
    if keeps and machines() > 1 and file_of(database_url(place)) is not None:
        raise InvalidSetting(
            "Replicas on several machines need a database that all of them reach: set "
            "ATTENTION_SURGERY_DATABASE to a PostgreSQL, or ATTENTION_SURGERY_SAVING and "
            "ATTENTION_SURGERY_RUNS to false."
        )


def _of(reference: Any) -> asyncio.Future[Any]:
    """What a replica's method gives."""
    return asyncio.wrap_future(reference.future())
