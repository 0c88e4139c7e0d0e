"""Servers: one for all tests that leave it as it was, and others with settings of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from attention_surgery.engine.skeleton import count_hooks
from attention_surgery.settings import Settings
from benchmarks.random_gpt2 import save_random_gpt2

from .servers import Server, ServerProcess, bundled_settings, running, wait_until


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where long tests are left out, not even the cases of their files are thought of."""
    at_length = collection_path.stem.endswith("_at_length")
    return True if at_length and "not long" in config.getoption("markexpr") else None


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The bundled model, no page."""
    nowhere: Path = tmp_path_factory.mktemp("no-page")
    with running(bundled_settings(frontend=nowhere)) as started:
        yield started


@pytest.fixture(scope="module")
def tiny_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("tiny")
    model = save_random_gpt2(
        folder / "tiny", n_layers=2, n_heads=2, d_model=16, d_vocab=4096, n_ctx=64
    )
    settings = Settings(
        models=(f"tiny={model}",),
        max_prompt_tokens=12,
        max_new_tokens=24,
        frontend=folder / "no-page",
        log_format="json",
    )
    with running(settings) as started:
        yield started


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
