"""`attention-surgery serve`, up to where it listens."""

from __future__ import annotations

import socket
import webbrowser
from queue import Queue
from typing import Any

import pytest
from fastapi import FastAPI

from attention_surgery.settings import BUNDLED_MODEL


def test_serve_starts_the_server_with_these_settings(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import uvicorn

    shown: Queue[str] = Queue()
    monkeypatch.setattr(webbrowser, "open", shown.put)
    started: list[tuple[FastAPI, list[tuple[str, int]]]] = []

    def start(self: uvicorn.Server, sockets: list[socket.socket]) -> None:
        self.started = True
        started.append((self.config.app, [each.getsockname() for each in sockets]))  # type: ignore[arg-type]
        for each in sockets:
            each.close()

    monkeypatch.setattr(uvicorn.Server, "run", start)
    port = free_port()
    assert run("serve", "--port", str(port), "--model", BUNDLED_MODEL, "--open").code == 0
    assert shown.get(timeout=60) == f"http://127.0.0.1:{port}"
    ((app, addresses),) = started
    assert addresses == [("127.0.0.1", port)]
    assert app.state.settings.models == (BUNDLED_MODEL,)


def test_a_taken_port_is_told_before_anything_is_loaded(run: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        shown = run("serve", "--port", str(port))
    assert shown.code == 1
    assert f"127.0.0.1 port {port}: Address already in use." in shown.err
    assert "--port" in shown.err
    assert "loading" not in shown.err


def test_an_address_of_another_machine_is_told(run: Any) -> None:
    shown = run("serve", "--host", "192.0.2.1", "--port", "0")
    assert shown.code == 1
    assert "192.0.2.1" in shown.err


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def test_replicas_behind_rays_client_are_refused_with_what_to_do(run: Any) -> None:
    shown = run("serve", "--port", "0", "--replicas", "2", "--cluster", "ray://127.0.0.1:1")
    assert shown.code == 2
    assert "with auto as its address" in shown.err
