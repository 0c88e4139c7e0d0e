"""One port serves API and page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from attention_surgery.api import page
from attention_surgery.api.middleware.headers import FOREVER

from .edge import Raw
from .servers import Server

HTML = {"Accept": "text/html"}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A page as Vite builds it."""
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    index = '<!doctype html><script type="module" src="/assets/index-1a2b.js"></script>'
    (tmp_path / "dist" / "index.html").write_text(index)
    (tmp_path / "dist" / "assets" / "index-1a2b.js").write_text("console.log(1);" * 500)
    return tmp_path / "dist"


def test_a_built_page_is_served_with_the_right_caching(
    serve: Callable[..., Server], built: Path
) -> None:
    client = serve(ready=False, frontend=built).client
    index, asset = client.get("/"), client.get("/assets/index-1a2b.js")
    assert (index.status_code, index.headers["cache-control"]) == (200, "no-cache")
    assert (asset.status_code, asset.headers["cache-control"]) == (200, FOREVER)
    assert asset.headers["content-encoding"] == "gzip"
    assert "javascript" in asset.headers["content-type"]


def test_routes_go_before_the_page_and_unknown_addresses_to_it(
    serve: Callable[..., Server], built: Path
) -> None:
    client = serve(ready=False, frontend=built).client
    assert client.get("/health/live").json()["status"] == "live"
    assert client.get("/experiment/1", headers=HTML).text.startswith("<!doctype html>")
    missing = client.get("/assets/old-3c4d.js")
    assert (missing.status_code, missing.json()["error"]) == (404, "NotFound")
    assert missing.headers["cache-control"] == "no-cache"
    assert client.post("/nothing", json={}).status_code in (404, 405)


@pytest.mark.parametrize("path", page.VIEWS)
def test_every_view_is_the_page_to_whoever_knows_the_token(
    serve: Callable[..., Server], built: Path, path: str
) -> None:
    client = serve(ready=False, frontend=built, token="secret").client
    answer = client.get(f"{path}?p=When+Mary", headers={"Authorization": "Bearer secret"})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    assert answer.text == (built / "index.html").read_text()
    assert client.get(path, headers=HTML).status_code == 401


def test_the_server_knows_every_view_of_the_page() -> None:
    views = Path(__file__).parents[2] / "frontend" / "src" / "app" / "views"
    text = "".join(module.read_text() for module in views.iterdir())
    paths = set(re.findall(r"^ *path: '(.*)',$", text, re.M))
    assert {"/"} <= paths <= set(page.VIEWS)


@pytest.mark.parametrize("path", ["/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt"])
def test_nothing_outside_the_page_is_served(
    serve: Callable[..., Server], built: Path, path: str
) -> None:
    (built.parent / "secret.txt").write_text("secret")
    assert "secret" not in serve(ready=False, frontend=built).client.get(path, headers=HTML).text


@pytest.mark.parametrize("path", ["/.", "//.", "/assets", "/docs/", "/models/", "//evil.example/."])
def test_no_answer_names_the_host_that_the_client_made_up(
    serve: Callable[..., Server], built: Path, path: str
) -> None:
    (built / "assets" / "index.html").write_text("assets")
    server = serve(ready=False, frontend=built)
    with Raw(int(server.url.rpartition(":")[2])) as raw:
        raw.send(f"GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode())
        answer = raw.answer()
    assert not re.search(r"^(\w+:)?//|evil.example:|http", answer.headers.get("location", "/"))
    assert b"//evil.example" not in answer.body or b"{" in answer.body
    if answer.status in (301, 302, 307, 308):
        assert re.match(r"/(?!/)", answer.headers["location"])


def test_without_a_page_the_root_says_how_to_build_it(server: Server) -> None:
    answer = server.client.get("/")
    assert answer.status_code == 200
    assert "make run" in answer.text


@pytest.mark.parametrize("path", ["/docs", "/"])
def test_no_page_of_ours_asks_another_host_or_runs_inline_code(server: Server, path: str) -> None:
    text = server.client.get(path).text
    addresses = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert addresses
    assert all(address.startswith(("/", "#")) for address in addresses)
    assert "<script" not in text
    assert "style=" not in text


def test_the_reference_lists_every_route_with_its_fields(server: Server) -> None:
    text = server.client.get("/docs").text
    for path in server.client.get("/openapi.json").json()["paths"]:
        assert f" {path}</code>" in text
    assert "max_new_tokens" in text
    assert server.client.get("/docs/style.css").headers["content-type"].startswith("text/css")
