"""Servers: one for all tests that leave it as it was, and others with settings of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from attention_surgery.engine.skeleton import count_hooks
from attention_surgery.settings import Settings

from .servers import Server, ServerProcess, bundled_settings, wait_until


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The bundled model, no page."""
    nowhere: Path = tmp_path_factory.mktemp("no-page")
    started = Server(bundled_settings(frontend=nowhere))
    started.start()
    started.wait_until_ready()
    yield started
    started.stop()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server with these settings; it is stopped after the test."""
    started: list[Server] = []

    def start(ready: bool = True, settings: Settings | None = None, **given: Any) -> Server:
        given = {"frontend": tmp_path / "no-page"} | given
        new = Server(settings or bundled_settings(**given))
        new.start()
        started.append(new)
        if ready:
            new.wait_until_ready()
        return new

    yield start
    for each in started:
        each.stop()


@pytest.fixture
def serve_process(tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """Start a server process and wait until its model is ready; it does not outlive the test."""
    started: list[ServerProcess] = []

    def start(**settings: Any) -> ServerProcess:
        new = ServerProcess(tmp_path / f"server-{len(started)}.log", **settings)
        started.append(new)
        new.wait_until_ready()
        return new

    yield start
    for each in started:
        each.kill()


@pytest.fixture(autouse=True)
def _the_queue_is_empty_and_no_hook_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "server" in request.fixturenames:
        server: Server = request.getfixturevalue("server")
        wait_until(lambda: server.slot.waiting == 0)
        assert count_hooks(server.slot.ready_model().graph) == 0
        assert server.service.meters.count("stray_hooks") == 0
