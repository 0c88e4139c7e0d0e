"""One port serves API and page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from attention_surgery.api import page
from attention_surgery.api.middleware.headers import FOREVER

from .edge import Raw
from .servers import Server, bundled_settings

HTML = {"Accept": "text/html"}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    return build(tmp_path)


def build(folder: Path) -> Path:
    """A page as Vite builds it."""
    (folder / "dist" / "assets").mkdir(parents=True)
    index = '<!doctype html><script type="module" src="/assets/index-1a2b.js"></script>'
    (folder / "dist" / "index.html").write_text(index)
    (folder / "dist" / "assets" / "index-1a2b.js").write_text("console.log(1);" * 500)
    return folder / "dist"


@pytest.fixture(scope="module")
def page_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A page with a secret beside it, and a folder with an index in it."""
    folder = tmp_path_factory.mktemp("page")
    (build(folder) / "assets" / "index.html").write_text("assets")
    (folder / "secret.txt").write_text("secret")
    server = Server(bundled_settings(frontend=folder / "dist"))
    server.start()
    yield server
    server.stop()


def test_a_built_page_is_served_with_the_right_caching(
    serve: Callable[..., Server], built: Path
) -> None:
    client = serve(ready=False, frontend=built).client
    index, asset = client.get("/"), client.get("/assets/index-1a2b.js")
    assert (index.status_code, index.headers["cache-control"]) == (200, "no-cache")
    assert (asset.status_code, asset.headers["cache-control"]) == (200, FOREVER)
    assert asset.headers["content-encoding"] == "gzip"
    assert "javascript" in asset.headers["content-type"]


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [("gzip, deflate, br", "br"), ("br;q=0.5", "br"), ("gzip, br;q=0", "gzip"), ("gzip", "gzip")],
)
def test_what_the_build_compressed_goes_to_whoever_reads_it(
    serve: Callable[..., Server], built: Path, accepted: str, sent: str
) -> None:
    (built / "assets" / "index-1a2b.js.br").write_bytes(b"as Brotli has it")
    client = serve(ready=False, frontend=built).client
    with client.stream(
        "GET", "/assets/index-1a2b.js", headers={"Accept-Encoding": accepted}
    ) as asset:
        content = b"".join(asset.iter_raw())
    assert (asset.status_code, asset.headers["cache-control"]) == (200, FOREVER)
    assert asset.headers["content-encoding"] == sent
    assert "javascript" in asset.headers["content-type"]
    assert "Accept-Encoding" in asset.headers["vary"]
    assert (content == b"as Brotli has it") == (sent == "br")


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


def test_every_view_is_the_page_to_whoever_knows_the_token(
    serve: Callable[..., Server], built: Path
) -> None:
    client = serve(ready=False, frontend=built, token="secret").client
    for path in page.VIEWS:
        answer = client.get(f"{path}?p=When+Mary", headers={"Authorization": "Bearer secret"})
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache"), path
        assert answer.text == (built / "index.html").read_text(), path
        assert client.get(path, headers=HTML).status_code == 401, path


def test_the_server_knows_every_view_of_the_page() -> None:
    views = Path(__file__).parents[2] / "frontend" / "src" / "app" / "views"
    text = "".join(module.read_text() for module in views.iterdir())
    paths = set(re.findall(r"^ *path: '(.*)',$", text, re.M))
    assert {"/"} <= paths <= set(page.VIEWS)


@pytest.mark.parametrize("path", ["/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt"])
def test_nothing_outside_the_page_is_served(page_server: Server, path: str) -> None:
    assert "secret" not in page_server.client.get(path, headers=HTML).text


@pytest.mark.parametrize("path", ["/.", "//.", "/assets", "/docs/", "/models/", "//evil.example/."])
def test_no_answer_names_the_host_that_the_client_made_up(page_server: Server, path: str) -> None:
    with Raw(int(page_server.url.rpartition(":")[2])) as raw:
        raw.send(f"GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode())
        answer = raw.answer()
    assert not re.search(r"^(\w+:)?//|evil.example:|http", answer.headers.get("location", "/"))
    assert b"//evil.example" not in answer.body or b"{" in answer.body
    if answer.status in (301, 302, 307, 308):
        assert re.match(r"/(?!/)", answer.headers["location"])


@pytest.mark.parametrize("path", ["/docs", "/"])
def test_what_is_not_built_says_how_to_build_it_and_asks_nobody(server: Server, path: str) -> None:
    answer = server.client.get(path)
    assert answer.status_code == 200
    assert "make run" in answer.text
    addresses = re.findall(r'(?:src|href)="([^"]*)"', answer.text)
    assert addresses == ["/openapi.json"]
    assert "<script" not in answer.text
    assert "style=" not in answer.text


def test_the_built_reference_is_at_docs(serve: Callable[..., Server], built: Path) -> None:
    (built / "reference.html").write_text("<!doctype html><title>API reference</title>")
    answer = serve(ready=False, frontend=built).client.get("/docs")
    assert "API reference" in answer.text
    assert answer.headers["cache-control"] == "no-cache"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
