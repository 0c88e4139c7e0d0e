"""A real uvicorn on a thread of the test process, so that tests see both ends."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from attention_surgery.analyses import Urgency
from attention_surgery.api.factory import create_app
from attention_surgery.service.computation import Computation
from attention_surgery.service.models import Slot
from attention_surgery.service.service import SurgeryService
from attention_surgery.settings import BUNDLED_MODEL, PREFIX, Settings
from tests.service.jobs import Held, computation, submit

PATIENT = 120.0  # a bound on hanging where many share the machine, not a measurement
IOI = "When Mary and John went to the store, John gave a drink to"


class Server:
    """A running server, its service, and a client."""

    def __init__(self, settings: Settings) -> None:
        self.app = create_app(settings)
        self.service: SurgeryService = self.app.state.service
        config = uvicorn.Config(self.app, port=0, log_level="warning", lifespan="on")
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._uvicorn.run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        wait_until(lambda: self._uvicorn.started)
        port = self._uvicorn.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.client = httpx.Client(base_url=self.url, timeout=PATIENT)

    def stop(self) -> None:
        self.client.close()
        self._uvicorn.should_exit = True
        self._thread.join(PATIENT)
        assert not self._thread.is_alive()

    @property
    def slot(self) -> Slot:
        return self.service.slots[BUNDLED_MODEL]

    def wait_until_ready(self) -> None:
        wait_until(lambda: self.client.get("/health/ready").status_code == 200)

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.client.post(path, json=body)

    def events(self, path: str, **body: Any) -> list[tuple[str, Any]]:
        """The events of a stream that is read to its end."""
        with self.client.stream("POST", path, json=body) as response:
            assert response.status_code == 200, response.read()
            return list(parse_events(response))

    @contextmanager
    def held(self, client: str = "holder") -> Iterator[Computation]:
        """Keep the inference thread in the middle of a view, before everything else."""
        hold = Held(steps=1)
        made, reader = computation(hold.run(), Urgency.VIEW, client)
        submit(self.slot.worker, made)
        hold.wait_until_entered()
        try:
            yield made
        finally:
            hold.go.release()
            reader.wait_for_end(made)


@contextmanager
def running(settings: Settings) -> Iterator[Server]:
    """A server whose models are ready, until its end."""
    started = Server(settings)
    started.start()
    started.wait_until_ready()
    yield started
    started.stop()


def parse_events(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in response.iter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def wait_until(condition: Any, every: float = 0.01) -> None:
    """Poll what no event announces."""
    deadline = time.monotonic() + PATIENT
    while not condition():
        assert time.monotonic() < deadline, "this never became true"
        time.sleep(every)


def written_log() -> redirect_stderr[io.StringIO]:
    """What servers write from here on. pytest's capture reads, then truncates: lines between go."""
    return redirect_stderr(io.StringIO())


def wait_for_line(log: io.StringIO, text: str) -> str:
    """The log up to a text; a line is written after its answer was sent."""
    wait_until(lambda: text in log.getvalue())
    return log.getvalue()


def bundled_settings(**given: Any) -> Settings:
    return Settings(models=(BUNDLED_MODEL,), **given)


class ServerProcess:
    """`uvicorn attention_surgery.api:app` as a host starts it."""

    def __init__(self, log: Path, **settings: Any) -> None:
        self._log = log
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        given = {"models": BUNDLED_MODEL} | settings
        environment = {f"{PREFIX}{name.upper()}": str(value) for name, value in given.items()}
        command = ["uvicorn", "attention_surgery.api:app", "--port", str(port)]
        with log.open("w") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *command],
                env=os.environ | environment | {"HF_HUB_OFFLINE": "1"},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.pid = self._process.pid

    def wait_until_ready(self) -> None:
        """Asks seldom: the server starts on the core that this asks on."""
        with httpx.Client(base_url=self.url, timeout=PATIENT) as client:

            def ready() -> bool:
                assert self._process.poll() is None, self.log_text()
                with suppress(httpx.TransportError):
                    return client.get("/health/ready").status_code == 200
                return False

            wait_until(ready, every=0.1)

    def terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def wait(self) -> int:
        return self._process.wait(PATIENT)

    def stop(self) -> None:
        if self._process.poll() is None:
            self.terminate()
        assert self.wait() == 0, self.log_text()

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def log_text(self) -> str:
        return self._log.read_text()
