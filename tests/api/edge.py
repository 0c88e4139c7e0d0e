"""The server's edge without a model: uvicorn, its bounds, the middleware, and plain routes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from attention_surgery.api import errors
from attention_surgery.api.middleware import install
from attention_surgery.api.server.bounding import BoundedAPI
from attention_surgery.service.log import make_log
from attention_surgery.service.meters import Meters
from attention_surgery.settings import Settings

from .servers import PATIENT, wait_until

LARGE = 32 * 1024 * 1024
GET = b"GET /plain HTTP/1.1\r\nHost: here\r\n\r\n"
HALF = b"GET /plain HTTP/1.1\r\nHost: here\r\n"


class Edge:
    """A running server; `go` lets those answer who asked for `/held`."""

    def __init__(self, settings: Settings, **options: Any) -> None:
        self.meters = Meters()
        log = make_log("json")
        app = BoundedAPI(settings=settings, meters=self.meters, log=log, redirect_slashes=False)
        install(app, settings, self.meters, log)
        errors.install(app)
        self._add_routes(app)
        self.go, self.seen, self.body = threading.Event(), 0, b""
        config = uvicorn.Config(app, port=0, log_level="warning", access_log=False, **options)
        self.uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self.uvicorn.run, daemon=True)

    def _add_routes(self, app: BoundedAPI) -> None:
        async def plain(request: Request) -> Response:
            self.seen += 1
            return JSONResponse({"client": request.client and request.client.host})

        async def held(request: Request) -> Response:
            self.seen += 1
            while not self.go.is_set():
                await asyncio.sleep(0.01)
            return Response(b"at last")

        async def large(request: Request) -> Response:
            self.seen += 1
            return Response(bytes(LARGE), media_type="application/octet-stream")

        async def endless(request: Request) -> Response:
            async def chunks() -> Any:
                while True:
                    yield bytes(64 * 1024)
                    await asyncio.sleep(0)

            self.seen += 1
            return StreamingResponse(chunks(), media_type="text/event-stream")

        async def echo(request: Request) -> Response:
            self.seen += 1
            self.body = await request.body()
            return JSONResponse(dict(request.headers.items()))

        for route in (plain, held, large, endless):
            app.add_route(f"/{route.__name__}", route)
        app.add_route("/health/live", plain)
        app.add_route("/echo", echo, methods=["POST"])

    def __enter__(self) -> Edge:
        self._thread.start()
        wait_until(lambda: self.uvicorn.started)
        self.port: int = self.uvicorn.servers[0].sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self.go.set()
        self.uvicorn.should_exit = True
        self._thread.join(PATIENT)
        assert not self._thread.is_alive()

    @property
    def connections(self) -> list[Any]:
        return list(self.uvicorn.server_state.connections)

    @contextmanager
    def open(self, count: int, sent: bytes = b"", source: str = "127.0.0.1") -> Iterator[list[Raw]]:
        """Connections that have sent something; all are closed in the end."""
        opened = [Raw(self.port, source) for _ in range(count)]
        try:
            for each in opened:
                each.send(sent)
            yield opened
        finally:
            for each in opened:
                each.close()

    def ask(self, sent: bytes = GET, source: str = "127.0.0.1") -> Answer:
        """What comes back until the server ends the connection, or an answer is whole."""
        with self.open(1, sent, source) as (raw,):
            return raw.answer()


class Answer:
    """The first answer in the bytes that came, and what came behind it."""

    def __init__(self, received: bytes) -> None:
        head, _, rest = received.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        self.status = int(first.split()[1]) if first else 0
        self.headers = {
            name.lower(): value for name, _, value in (x.partition(": ") for x in lines)
        }
        length = int(self.headers.get("content-length", "0"))
        self.body, self.behind = rest[:length], rest[length:]
        self.whole = bool(head) and len(rest) >= length

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Raw:
    """A client that sends what it likes."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self._socket = socket.create_connection(
            ("127.0.0.1", port), timeout=PATIENT, source_address=(source, 0)
        )

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def answer(self) -> Answer:
        received, answer = b"", Answer(b"")
        while not answer.whole and (more := self._socket.recv(65536)):
            received += more
            answer = Answer(received)
        return answer

    def rest(self) -> bytes:
        """Everything until the server ends the connection."""
        received = bytearray()
        with contextlib.suppress(ConnectionResetError):
            while more := self._socket.recv(1024 * 1024):
                received += more
        return bytes(received)

    def has_something(self) -> bool:
        """Whether something can be read at once."""
        return bool(select.select([self._socket], [], [], 0)[0])

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
