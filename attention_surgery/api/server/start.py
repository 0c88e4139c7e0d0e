"""`attention-surgery serve`: take the port, then build the application and run it."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import socket
import sys
import webbrowser
from threading import Thread

import uvicorn

from attention_surgery.errors import AttentionSurgeryError
from attention_surgery.settings import Settings

BACKLOG = 128
# Beyond the grace period, for streams to end with an event.
LAST_SECONDS = 5
# One address of a host, as that of localhost in IPv6, may be missing where the others are not.
UNUSED = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


class CannotListen(AttentionSurgeryError):
    """The address is taken, or is none of this machine's."""


def serve(settings: Settings, *, open_browser: bool = False) -> None:
    """Serve until a signal ends it.

    Args:
        open_browser: show the page in this user's browser.

    Raises:
        CannotListen: before anything is loaded.
        ModelUnavailable, InvalidSetting: there is no cluster for the replicas.
    """
    sockets = listen(settings.host, settings.port)
    from attention_surgery.api.factory import application

    try:
        app = application(settings)
    except AttentionSurgeryError:
        for each in sockets:
            each.close()
        raise
    config = uvicorn.Config(
        app,
        host=settings.host,
        access_log=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=int(settings.grace_seconds) + LAST_SECONDS,
    )
    for each in sockets:
        say_where(each)
    if open_browser:
        # The socket listens already: the browser waits until the application answers.
        Thread(target=webbrowser.open, args=[address_of(sockets[0])], daemon=True).start()
    server = uvicorn.Server(config)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets)
    if not server.started:
        sys.exit(1)


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen on every address of a host; port 0 is a free one.

    Raises:
        CannotListen: another process has the port, or the address is not this machine's.
    """
    sockets: list[socket.socket] = []
    failure = OSError(errno.EADDRNOTAVAIL, "it has no address")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, *_, address in found:
            try:
                sockets.append(socket.create_server(address[:2], family=family, backlog=BACKLOG))
            except OSError as error:
                failure = error
                if error.errno not in UNUSED:
                    raise
    except OSError as error:
        failure = error
        while sockets:
            sockets.pop().close()
    if not sockets:
        raise CannotListen(
            f"Cannot listen on {host} port {port}: {reason(failure)}. Stop what listens there, or "
            "choose another address with --host and --port."
        )
    return sockets


def reason(error: OSError) -> str:
    known = error.errno in errno.errorcode
    return os.strerror(error.errno) if known and error.errno else str(error.strerror)


def address_of(listening: socket.socket) -> str:
    """What a browser on this machine opens; a socket of all addresses is reached as localhost."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def say_where(listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    logging.getLogger("uvicorn.error").info(
        "Listening on http://%s:%d (Press CTRL+C to quit)", shown, port
    )
