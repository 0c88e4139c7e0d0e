"""Probes and metrics never wait for inference."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from prometheus_client.parser import text_string_to_metric_families as parse_metrics

from attention_surgery.service.models import Slot

from .servers import IOI, Server, wait_until


def metrics(server: Server) -> dict[str, float]:
    text = server.client.get("/metrics").text
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in parse_metrics(text)
        for sample in family.samples
    }


def test_probes_answer_while_the_inference_thread_is_held(server: Server) -> None:
    with server.held():
        assert server.client.get("/health/live").json()["status"] == "live"
        assert server.client.get("/health/ready").json() == {"status": "ready", "reason": None}
        assert server.client.get("/models").status_code == 200


def test_probes_answer_at_once_under_load(server: Server) -> None:
    """A bound that a server which waits for inference would miss by far."""
    prompt = "many words " * 20

    def sweep(number: int) -> int:
        body = {"prompt": f"{number} {prompt}", "method": "kl", "ablation_method": "mean"}
        return server.post("/importance", **body).status_code

    with ThreadPoolExecutor(2) as pool:
        sweeps = [pool.submit(sweep, number) for number in range(2)]
        wait_until(lambda: server.slot.waiting == 2)
        seconds = []
        while server.slot.waiting and len(seconds) < 50:
            begin = time.monotonic()
            assert server.client.get("/health/live").status_code == 200
            seconds.append(time.monotonic() - begin)
        assert [future.result() for future in sweeps] == [200] * 2
    assert median(seconds) < 0.25


def test_live_and_ready_differ_until_a_model_is_loaded(
    serve: Callable[..., Server], monkeypatch: object
) -> None:
    import threading

    import pytest

    assert isinstance(monkeypatch, pytest.MonkeyPatch)
    proceed, load = threading.Event(), Slot._load

    def slow_load(slot: Slot) -> object:
        assert proceed.wait(60)
        return load(slot)

    monkeypatch.setattr(Slot, "_load", slow_load)
    server = serve(ready=False)
    assert server.client.get("/health/live").status_code == 200
    answer = server.client.get("/health/ready")
    assert answer.status_code == 503
    assert "being loaded" in answer.json()["reason"]
    refused = server.post("/infer", prompt=IOI)
    assert (refused.status_code, refused.json()["error"]) == (503, "ModelNotReady")
    assert int(refused.headers["retry-after"]) >= 1
    proceed.set()
    server.wait_until_ready()
    assert server.post("/infer", prompt=IOI, max_new_tokens=1).status_code == 200


def test_metrics_count_what_happened(server: Server) -> None:
    before = metrics(server)
    server.post("/infer", prompt="Count me once", max_new_tokens=3)
    server.post("/importance", prompt="Count me twice", method="kl")
    server.post("/infer", prompt="x", model="gpt3")
    after = metrics(server)

    def grown(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert grown("attention_surgery_tokens_total['gpt2-mini-12x12']") in (4, 5, 6)
    computed = "attention_surgery_computations_total['gpt2-mini-12x12', '{}', 'done']"
    assert grown(computed.format("importance")) == 1
    assert grown("attention_surgery_refusals_total['UnknownModel']") == 1
    assert grown("attention_surgery_requests_total['/infer', '200']") == 1
    assert grown("attention_surgery_queue_seconds_count['infer']") == 1
    assert grown("attention_surgery_model_seconds_count['importance']") == 1
    assert after["attention_surgery_model_state['gpt2-mini-12x12', 'ready']"] == 1
    assert after["attention_surgery_queue_length['gpt2-mini-12x12']"] == 0
    assert after["process_resident_memory_bytes[]"] > 1e7
