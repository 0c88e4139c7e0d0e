"""What happens to every request before it reaches a route."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator

import httpx
import pytest
from pydantic import SecretStr

from attention_surgery.api.middleware.access import Buckets
from attention_surgery.settings import Settings

from .edge import GET, Edge
from .servers import IOI, Server, bundled_settings, running, wait_for_line, wait_until, written_log

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    nowhere = tmp_path_factory.mktemp("no-page")
    with running(bundled_settings(frontend=nowhere, max_body_bytes=1000)) as server:
        yield server


def test_a_body_that_is_too_large_is_refused(small: Server) -> None:
    answer = small.post("/infer", prompt="x" * 2000)
    assert (answer.status_code, answer.json()["error"]) == (413, "BodyTooLarge")
    assert "1000 bytes" in answer.json()["detail"]


def test_a_chunked_body_that_is_too_large_is_refused_while_it_comes(small: Server) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"prompt": "'
        for _ in range(100):
            yield b"x" * 100

    answer = small.client.post("/infer", content=chunks(), headers=JSON)
    assert answer.status_code == 413


def test_a_chunked_body_within_the_limit_is_read(small: Server) -> None:
    whole = json.dumps({"prompt": IOI, "max_new_tokens": 1}).encode()
    pieces = (whole[i : i + 7] for i in range(0, len(whole), 7))
    assert small.client.post("/infer", content=pieces, headers=JSON).status_code == 200


def test_a_compressed_body_is_refused_unread(small: Server) -> None:
    bomb = gzip.compress(b'{"prompt": "' + b"x" * 10_000_000 + b'"}')
    answer = small.client.post(
        "/infer", content=bomb[:900], headers=JSON | {"Content-Encoding": "gzip"}
    )
    assert (answer.status_code, answer.json()["error"]) == (415, "UnsupportedMediaType")
    assert "uncompressed" in answer.json()["detail"]


def test_brackets_inside_strings_are_no_nesting(server: Server) -> None:
    assert server.post("/tokenize", text='[[{{\\" [{' * 30).status_code == 200


def test_only_named_origins_are_admitted(serve: Callable[..., Server]) -> None:
    server = serve(ready=False, cors_origins=("https://class.example",))
    origins = {"http://localhost:5173": True, "https://class.example": True, "https://evil": False}
    for origin, admitted in origins.items():
        answer = server.client.get("/health/live", headers={"Origin": origin})
        assert answer.headers.get("access-control-allow-origin") == (origin if admitted else None)
        preflight = server.client.options(
            "/infer", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
        )
        assert (preflight.status_code == 200) is admitted, origin


def test_without_a_setting_only_the_dev_server_is_admitted(server: Server) -> None:
    for origin, expected in [("http://localhost:5173", True), ("https://class.example", False)]:
        answer = server.client.get("/models", headers={"Origin": origin})
        assert ("access-control-allow-origin" in answer.headers) is expected


@pytest.mark.parametrize("path", ["/models", "/docs", "/", "/nothing", "/openapi.json"])
def test_every_answer_has_security_headers(server: Server, path: str) -> None:
    headers = server.client.get(path).headers
    policy = headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_a_request_id_is_kept_or_made(server: Server) -> None:
    assert server.client.get("/models", headers={"X-Request-ID": "mine-1"}).headers[
        "x-request-id"
    ] == ("mine-1")
    made = server.client.get("/models", headers={"X-Request-ID": "no good!"})
    assert len(made.headers["x-request-id"]) == 32
    assert "x-error-kind" not in server.client.get("/nothing").headers


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"anyone:{password}".encode()).decode()


STATUS_OF: dict[str | None, int] = {
    None: 401,
    "Bearer wrong": 401,
    "Bearer s3cret": 200,
    basic("s3cret"): 200,
    basic("wrong"): 401,
    "Basic !!": 401,
    "Bearer \xe9": 401,
}


def test_a_token_opens_the_server(serve: Callable[..., Server]) -> None:
    server = serve(ready=False, token=SecretStr("s3cret"))
    for header, status in STATUS_OF.items():
        raw = [(b"authorization", header.encode("latin-1"))] if header else []
        answer = server.client.get("/models", headers=raw)
        assert answer.status_code == status, header
        if status == 401:
            assert "Basic" in answer.headers["www-authenticate"]
    assert server.client.get("/health/live").status_code == 200


def test_a_rate_limit_refuses_what_is_too_fast(serve: Callable[..., Server]) -> None:
    server = serve(rate_limit=3)
    statuses = [server.post("/tokenize", text="a").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    answer = server.post("/tokenize", text="a")
    assert answer.json()["error"] == "RateLimited"
    assert 1 <= int(answer.headers["retry-after"]) <= 20
    assert server.client.get("/models").status_code == 200


def test_a_bucket_refills() -> None:
    now = [0.0]
    bucket = Buckets(per_minute=60, clock=lambda: now[0])

    def tries(count: int, client: str = "a") -> list[bool]:
        done = []
        for _ in range(count):
            done.append(bucket.seconds_to_wait(client) == 0)
            if done[-1]:
                bucket.take(client)
        return done

    assert tries(61) == [True] * 60 + [False]
    now[0] += 2.0
    assert tries(3) == [True, True, False]
    assert tries(1, "b") == [True]


@pytest.mark.parametrize(("rate_limit", "guesses"), [(0, 30), (5, 5), (500, 30)])
def test_the_token_cannot_be_guessed_at_will(
    serve: Callable[..., Server], rate_limit: int, guesses: int
) -> None:
    """Once they are used up, not even the right token is looked at: it would be the next guess."""
    server = serve(ready=False, token=SecretStr("s3cret"), rate_limit=rate_limit)

    def ask(token: str | None, path: str = "/models") -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return server.client.get(path, headers=headers)

    assert [ask(f"guess {n}").status_code for n in range(guesses)] == [401] * guesses
    for token in ("guess", "s3cret"):
        refused = ask(token)
        assert (refused.status_code, refused.json()["error"]) == (429, "RateLimited")
        assert int(refused.headers["retry-after"]) > 0
    assert ask(None).status_code == 401, "who offers no token has not guessed"
    assert ask(None, "/health/live").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/health/../index.html",
        "/health/..%2ftheme.js",
        "/health/x",
        "/health/live/",
        "/health/live/../../models",
        "/health//live",
        "/Health/live",
        "/health/live%00",
        "//health/live",
    ],
)
def test_only_the_probes_themselves_need_no_token(edge_with_token: Edge, path: str) -> None:
    assert edge_with_token.ask(GET.replace(b"/plain", path.encode())).status == 401


def test_the_probe_needs_no_token(edge_with_token: Edge) -> None:
    assert edge_with_token.ask(GET.replace(b"/plain", b"/health/live?x=1")).status == 200


@pytest.fixture(scope="module")
def edge_with_token() -> Iterator[Edge]:
    with Edge(Settings(token=SecretStr("s3cret"))) as edge:
        yield edge


def test_one_client_has_so_many_requests_under_way_through_any_proxy() -> None:
    held = GET.replace(b"/plain", b"/held").replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: ")
    with Edge(Settings(client_connections=3)) as edge:
        with edge.open(3, held + b"198.51.100.4\r\n\r\n"):
            wait_until(lambda: edge.seen == 3)
            refused = edge.ask(held + b"198.51.100.4\r\n\r\n")
            assert (refused.status, refused.json["error"]) == (429, "TooManyRequests")
            assert edge.ask(GET).status == 200
        edge.go.set()
        wait_until(lambda: not edge.uvicorn.server_state.tasks)
        assert edge.ask(held + b"198.51.100.4\r\n\r\n").status == 200


def test_large_answers_are_compressed_and_streams_are_not(server: Server) -> None:
    body = {"prompt": IOI, "layer": 3, "head": 3}
    assert server.post("/attention", **body).headers["content-encoding"] == "gzip"
    with server.client.stream("POST", "/infer/stream", json={"prompt": IOI}) as response:
        assert "content-encoding" not in response.headers
        response.read()


def test_prompts_stay_out_of_the_log(serve: Callable[..., Server]) -> None:
    secret = "my diary says"
    for telling in (False, True):
        server = serve(log_format="json", log_prompts=telling)
        with written_log() as log:
            server.post("/infer", prompt=secret, max_new_tokens=1)
            server.post("/infer", prompt=secret, max_new_tokens=10**6)
            server.events("/infer/stream", prompt=secret, max_new_tokens=1)
            written = wait_for_line(log, '"path": "/infer/stream"')
        assert (secret in written) is telling


def test_log_lines_are_json_with_the_request_id(serve: Callable[..., Server]) -> None:
    server = serve(log_format="json")
    with written_log() as log:
        server.client.get("/models", headers={"X-Request-ID": "find-me"})
        written = wait_for_line(log, "find-me")
    (line,) = [line for line in written.splitlines() if "find-me" in line]
    entry = json.loads(line)
    assert (entry["path"], entry["status"], entry["request_id"]) == ("/models", 200, "find-me")


def test_http_2_style_header_tricks_do_not_reach_the_route(small: Server) -> None:
    answer = httpx.post(
        f"{small.url}/infer", content=b"{}", headers=JSON | {"Content-Encoding": "br, gzip"}
    )
    assert answer.status_code == 415
