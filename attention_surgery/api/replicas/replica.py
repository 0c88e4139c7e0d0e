"""What runs in each process of the cluster: the whole server, on a port of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attention_surgery.settings import Settings

if TYPE_CHECKING:
    from attention_surgery.service.service import SurgeryService


class Replica:
    """A server on a free port of its machine; its methods are called side by side.

    Args:
        settings: of this replica, as `fleet.of_replica` gives them.
        host: where it listens; the address by which the cluster knows its machine when absent.
    """

    def __init__(self, settings: Settings, host: str | None) -> None:
        import uvicorn

        from attention_surgery.api.factory import create_app
        from attention_surgery.api.server.start import LAST_SECONDS, listen

        if host is None:
            import ray

            host = ray.util.get_node_ip_address()
        (self._socket,) = listen(host, 0)[:1]
        app = create_app(settings)
        self._service: SurgeryService = app.state.service
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                access_log=False,
                log_level="warning",
                # Its only client is the front, which has the secret, and says for whom it asks.
                forwarded_allow_ips="*",
                timeout_graceful_shutdown=int(settings.grace_seconds) + LAST_SECONDS,
            )
        )

    def about(self) -> tuple[str, str, int]:
        """Version of the program here, host and port."""
        from attention_surgery import __version__

        return __version__, *self._socket.getsockname()[:2]

    def serve(self) -> None:
        """Until `stop`."""
        self._server.run([self._socket])

    def begin_shutdown(self) -> None:
        """Accept no more; what was admitted goes on."""
        self._service.begin_shutdown()

    def refuse_all(self) -> None:
        """End what is left."""
        self._service.refuse_all()

    def stop(self) -> None:
        """Let `serve` return once all has been answered."""
        self._server.should_exit = True
