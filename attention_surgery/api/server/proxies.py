"""Whose request it is, when a proxy brings it."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

# The part of an IPv6 address that is given to one customer.
OF_ONE_CUSTOMER = 64


class TrustedProxies:
    """The proxies that are believed when they say for whom they ask.

    Args:
        trusted: addresses and networks (`10.0.0.0/8`), or `*` for whoever connects.
    """

    def __init__(self, trusted: Sequence[str] | str) -> None:
        entries = trusted.split(",") if isinstance(trusted, str) else trusted
        names = [entry.strip() for entry in entries if entry.strip()]
        self._whoever_connects = "*" in names
        self._networks = [network(name) for name in names if name != "*"]

    def __contains__(self, address: str) -> bool:
        found = parse(address)
        return found is not None and any(found in network for network in self._networks)

    def believes(self, peer: str) -> bool:
        """Whether the word of whoever is at the other end of a connection counts."""
        return self._whoever_connects or peer in self

    def client(self, peer: str, forwarded_for: str) -> str:
        """The last address that a trusted proxy added, read from the right.

        What stands before it was said by someone who is not trusted, and may be made up.
        """
        client = peer
        for entry in reversed(forwarded_for.split(",")):
            if parse(entry) is None:
                return client
            client = str(parse(entry))
            if client not in self:
                return client
        return client


def network(name: str) -> IPv4Network | IPv6Network:
    """One of the addresses and networks that a host trusts.

    Raises:
        ValueError: it is neither.
    """
    try:
        return ip_network(name, strict=False)
    except ValueError:
        raise ValueError(
            f"{name!r} is no proxy that can be trusted: FORWARDED_ALLOW_IPS lists addresses and "
            "networks as 10.0.0.0/8, or is *."
        ) from None


def parse(address: str) -> IPv4Address | IPv6Address | None:
    """`192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`; None for anything else."""
    text = address.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def customer(address: str) -> str:
    """What limits are counted for: an IPv4 address, or the network of an IPv6 address."""
    found = parse(address)
    if found is None:
        return address
    return str(found) if found.version == 4 else str(ip_network((found, OF_ONE_CUSTOMER), False))


class ForwardedClient:
    """Put the client for whom a trusted proxy asks, and its scheme, in the place of the proxy."""

    def __init__(self, app: ASGIApp, trusted: TrustedProxies) -> None:
        self._app, self._trusted = app, trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (peer := scope.get("client")):
            client = peer[0]
            if self._trusted.believes(client):
                headers = Headers(scope=scope)
                client = self._trusted.client(client, ",".join(headers.getlist("x-forwarded-for")))
                if (scheme := headers.get("x-forwarded-proto", "").strip()) in ("http", "https"):
                    scope["scheme"] = scheme
            scope["client"] = (customer(client), peer[1] if client == peer[0] else 0)
        await self._app(scope, receive, send)
