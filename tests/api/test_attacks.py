"""What was tried against a whole server and held stays tried: `make test-long`."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families as parse_metrics

from attention_surgery.settings import BUNDLED_MODEL

from .edge import GET, HALF, Raw
from .servers import IOI, PATIENT, Server, ServerProcess, wait_until, written_log

pytestmark = pytest.mark.long
Start = Callable[..., ServerProcess]
MOST_HELD_UNREAD = 70 * 1024 * 1024
LONG = {"prompt": "many words " * 60, "method": "kl", "ablation_method": "mean"}


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def request(path: str, body: object) -> bytes:
    content = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


@pytest.fixture
def poor(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that may open 64 files."""
    server = ServerProcess(tmp_path / "poor.log")
    psutil.Process(server.pid).rlimit(psutil.RLIMIT_NOFILE, (64, 64))
    server.wait_until_ready()
    yield server
    server.kill()


def test_with_64_files_half_written_requests_shut_nobody_out(poor: ServerProcess) -> None:
    with ExitStack() as stack:
        for sent in [HALF] * 70 + [b""] * 100:
            stack.enter_context(Raw(port_of(poor.url))).send(sent)
        for _ in range(20):
            assert httpx.get(f"{poor.url}/health/ready", timeout=PATIENT).status_code == 200
    poor.stop()
    assert "Traceback" not in poor.log_text()
    assert "out of system resource" not in poor.log_text()


def test_800_streams_that_nobody_reads_end_without_a_traceback(serve_process: Start) -> None:
    server = serve_process(stall_seconds=1, time_limit=20)
    with ExitStack() as stack:
        for number in range(800):
            prompt = f"{number % 8} " + LONG["prompt"]
            raw = stack.enter_context(Raw(port_of(server.url)))
            raw.send(request("/importance/stream", LONG | {"prompt": prompt}))
            if not number % 100:
                assert httpx.get(f"{server.url}/health/live", timeout=PATIENT).status_code == 200
        wait_until(lambda: waiting(server.url) == 0)
    server.stop()
    assert "Traceback" not in server.log_text()


def test_40_who_never_read_a_large_lens_hold_little_and_are_cut_off(
    serve_process: Start,
) -> None:
    admits = {"queue_size": 64, "client_share": 40, "client_connections": 64}
    server = serve_process(stall_seconds=3, log_format="json", **admits)
    body = {"prompt": "many words " * 120, "ablations": ["L0H0"], "top_k": 50}
    size = len(httpx.post(f"{server.url}/logit-lens", json=body, timeout=PATIENT).content)
    assert 40 * size > 3 * MOST_HELD_UNREAD
    body["ablations"] = ["L0H1"]  # which is not in the cache yet
    process = psutil.Process(server.pid)
    before, held = process.memory_info().rss, []
    with ExitStack() as stack:
        for _ in range(40):
            raw = stack.enter_context(Raw(port_of(server.url)))
            raw.send(request("/logit-lens", body))
        while cut_off(server) < 40:
            held.append(process.memory_info().rss - before)
            time.sleep(0.02)
    assert max(held) < MOST_HELD_UNREAD
    server.stop()
    assert cut_off(server) == 40
    assert "Traceback" not in server.log_text()


def cut_off(server: ServerProcess) -> int:
    return server.log_text().count('"event": "client cut off"')


def waiting(url: str) -> float:
    return metrics(url)[f"attention_surgery_queue_length['{BUNDLED_MODEL}']"]


def metrics(url: str) -> dict[str, float]:
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in parse_metrics(httpx.get(f"{url}/metrics", timeout=PATIENT).text)
        for sample in family.samples
    }


def test_streams_that_vanish_leave_nothing_behind(serve_process: Start) -> None:
    server = serve_process()
    for number in range(200):
        with Raw(port_of(server.url)) as raw:
            body = LONG | {"prompt": f"{number} {LONG['prompt']}"}
            raw.send(request("/importance/stream", body)[: None if number % 3 else -20])
    wait_until(lambda: waiting(server.url) == 0)
    answer = httpx.post(f"{server.url}/infer", json={"prompt": IOI}, timeout=PATIENT)
    assert answer.status_code == 200
    server.stop()
    assert "Traceback" not in server.log_text()


def test_sigterm_under_load_gives_everyone_an_answer_or_no_connection(
    serve_process: Start,
) -> None:
    server = serve_process(grace_seconds=5)
    statuses: list[int] = []
    enough = threading.Event()

    def user(number: int) -> None:
        with httpx.Client(base_url=server.url, timeout=PATIENT) as client:
            for turn in range(10_000):
                body = {"prompt": f"{number} and {turn} make", "max_new_tokens": 3}
                try:
                    statuses.append(client.post("/infer", json=body).status_code)
                except httpx.TransportError:
                    return
                if len(statuses) > 40:
                    enough.set()

    with ThreadPoolExecutor(8) as pool:
        users = [pool.submit(user, number) for number in range(8)]
        assert enough.wait(PATIENT)
        server.terminate()
        for each in users:
            each.result()
    assert server.wait() == 0
    assert set(statuses) <= {200, 503}
    assert "Traceback" not in server.log_text()


def test_a_home_that_cannot_be_written_is_no_obstacle(
    serve_process: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE", "TMPDIR"):
        monkeypatch.setenv(name, "/dev/null")
    server = serve_process(models=f"gpt2,{BUNDLED_MODEL}")
    answer = httpx.post(f"{server.url}/infer", json={"prompt": IOI}, timeout=PATIENT)
    assert answer.status_code == 200
    assert answer.json()["model"] == BUNDLED_MODEL
    server.stop()
    assert "Traceback" not in server.log_text()


INJECTIONS = [
    'x"} 1\nattention_surgery_evil 1',
    "\r\nX-Evil: 1",
    "{}",
    "\x1b[2J",
    "\u2028",
    "\ud800",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_nothing_a_client_says_becomes_a_label_or_a_log_line(
    serve: Callable[..., Server], text: str
) -> None:
    server = serve(log_format="json", log_prompts=True)
    with written_log() as log:
        server.client.get("/metrics")  # which counts itself
        say(server, text, 0)
        lines = server.client.get("/metrics").text.count("\n")
        say(server, text, 1)
        exposition = server.client.get("/metrics").text
        assert exposition.count("\n") == lines, "nothing new is counted when it is said differently"
        assert "evil" not in exposition
    written = log.getvalue().rpartition("\n")[0]
    for line in written.splitlines():
        assert {"event", "level", "timestamp"} <= json.loads(line).keys()
    assert "\x1b" not in written


def say(server: Server, text: str, turn: int) -> None:
    """The text in every place that a client may fill."""
    for path in ("/infer", "/infer/stream", "/tokenize"):
        content = json.dumps({"prompt": text, "model": f"{text}{turn}", f"{text}{turn}": text})
        server.client.post(path, content=content, headers={"Content-Type": "application/json"})
    headers = {"X-Error-Kind": f"evil{turn}", "X-Request-ID": f"e\tvil{turn}"}
    server.client.get("/models", headers=headers)
    server.client.get("/nothing", headers=headers)
    coded = "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "surrogatepass"))
    with Raw(port_of(server.url)) as raw:
        raw.send(GET.replace(b"/plain", f"/{turn}/{coded}?{coded}".encode()))
        assert raw.answer().status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/assets/../../secret.txt",
        "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/%252e%252e/secret.txt",
        "//secret.txt",
        "/link",
        "/link/secret.txt",
        "/secret.txt%00.html",
        "/%00",
        "/" + "a" * 5000,
        "/" + "a/" * 2000,
        "/%ff%fe",
    ],
)
def test_nothing_outside_the_page_can_be_reached(
    serve: Callable[..., Server], tmp_path: Path, path: str
) -> None:
    page = tmp_path / "dist"
    page.mkdir()
    (page / "index.html").write_text("the page")
    (tmp_path / "secret.txt").write_text("the key is 17")
    (page / "link").symlink_to(tmp_path)
    server = serve(ready=False, frontend=page)
    with Raw(port_of(server.url)) as raw:
        raw.send(f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n".encode())
        answer = raw.answer()
    assert answer.status in (200, 307, 400, 404)
    assert b"the key" not in answer.body


@pytest.mark.parametrize("digits", [19, 40, 4000, 4299, 5000, 100_000])
@pytest.mark.parametrize("field", ["seed", "max_new_tokens", "top_k", "temperature", "ablations"])
def test_long_integers_are_refused_in_a_sentence(server: Server, field: str, digits: int) -> None:
    number = "9" * digits
    value = f'[{{"layer": {number}, "head": 0}}]' if field == "ablations" else number
    content = f'{{"prompt": "x", "{field}": {value}}}'
    answer = server.client.post(
        "/infer", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422)
    assert len(answer.json()["detail"]) < 700


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "zstd", "gzip, identity", "x" * 500])
def test_compressed_bodies_are_not_opened(server: Server, coding: str) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": coding}
    answer = server.client.post("/infer", content=b'{"prompt": "x"}', headers=headers)
    assert answer.status_code == 415
    assert len(answer.json()["detail"]) < 200
