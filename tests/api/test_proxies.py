"""Whose request it is, when a proxy brings it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from attention_surgery.api.server.proxies import ForwardedClient, TrustedProxies, customer
from attention_surgery.settings import Settings

from .edge import GET, Edge

PROXY, CLIENT, FORGED = "10.0.0.7", "198.51.100.4", "203.0.113.9"


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        (PROXY, PROXY, CLIENT, CLIENT),
        (PROXY, PROXY, f"{FORGED}, {CLIENT}", CLIENT),
        ("*", PROXY, f"{FORGED}, {CLIENT}", CLIENT),
        ("10.0.0.0/8", PROXY, f"{FORGED}, {CLIENT}, 10.1.1.1,10.2.2.2", CLIENT),
        ("10.0.0.0/8", PROXY, f"10.9.9.9, {FORGED}, {CLIENT}:4711, 10.1.1.1", CLIENT),
        ("10.0.0.0/8", PROXY, "10.1.1.1, 10.2.2.2", "10.1.1.1"),
        (PROXY, CLIENT, FORGED, CLIENT),
        ("", PROXY, FORGED, PROXY),
        (PROXY, PROXY, "", PROXY),
        (PROXY, PROXY, "unknown", PROXY),
        (PROXY, PROXY, f"{FORGED}, x{CLIENT}", PROXY),
        ("::1", "::1", f"{FORGED}, [2001:db8::5]:99", "2001:db8::/64"),
        ("127.0.0.1", "::ffff:127.0.0.1", CLIENT, CLIENT),
    ],
)
def test_the_client_is_who_the_last_trusted_proxy_names(
    trusted: str, peer: str, forwarded: str, client: str
) -> None:
    found: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        found.update(scope)

    headers = [(b"x-forwarded-for", part.encode()) for part in forwarded.split(", ") if part]
    headers.append((b"x-forwarded-proto", b"https"))
    scope = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": headers}
    asyncio.run(ForwardedClient(app, TrustedProxies(trusted))(scope, None, None))  # type: ignore[arg-type]
    assert found["client"][0] == client
    believed = peer in TrustedProxies(trusted) or trusted == "*"
    assert found["scheme"] == ("https" if believed else "http")


def test_one_customer_has_one_share_of_ipv6() -> None:
    assert customer("2001:db8::1") == customer("2001:db8::ffff:2") != customer("2001:db8:0:1::1")


def test_whoever_is_trusted_is_an_address() -> None:
    with pytest.raises(ValueError, match=r"proxy\.example.* is no proxy"):
        TrustedProxies("127.0.0.1, proxy.example")


def test_a_forged_address_evades_no_limit() -> None:
    """Uvicorn itself takes the first address when it trusts every proxy."""
    with Edge(Settings(), forwarded_allow_ips="*") as server:
        forwarded = f"\r\nX-Forwarded-For: {FORGED}, {CLIENT}\r\n\r\n".encode()
        answer = server.ask(GET.replace(b"\r\n\r\n", forwarded))
    assert answer.json == {"client": CLIENT}
