"""Probes and metrics never wait for inference."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse_metrics

from attention_surgery.engine import model as engine

from .servers import IOI, PATIENT, Server, wait_until


def metrics(server: Server) -> dict[str, float]:
    text = server.client.get("/metrics").text
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in parse_metrics(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics", "/models", "/docs"])
def test_head_is_get_without_the_body(server: Server, path: str) -> None:
    got, head = server.client.get(path), server.client.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    assert server.client.head("/infer").status_code == 405


def test_probes_answer_while_the_inference_thread_is_held(server: Server) -> None:
    with server.held():
        assert server.client.get("/health/live").json()["status"] == "live"
        assert server.client.get("/health/ready").json() == {"status": "ready", "reason": None}
        assert server.client.get("/models").status_code == 200


def test_probes_are_answered_between_the_steps_of_sweeps(server: Server) -> None:
    """A server that waits for inference would answer none before the first sweep has ended."""
    prompt = "many words " * 20

    def sweep(number: int) -> int:
        body = {"prompt": f"{number} {prompt}", "method": "kl", "ablation_method": "mean"}
        return server.post("/importance", **body).status_code

    with ThreadPoolExecutor(2) as pool:
        sweeps = [pool.submit(sweep, number) for number in range(2)]
        wait_until(lambda: server.slot.waiting == 2)
        answered = 0
        while server.slot.waiting == 2 and answered < 20:
            assert server.client.get("/health/live").status_code == 200
            answered += server.slot.waiting == 2
        assert [future.result() for future in sweeps] == [200] * 2
    assert answered > 3


def test_live_and_ready_differ_until_a_model_is_loaded(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    proceed, load = threading.Event(), engine.load_model

    def slow_load(source: Any, **options: Any) -> Any:
        assert proceed.wait(PATIENT)
        return load(source, **options)

    monkeypatch.setattr(engine, "load_model", slow_load)
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
    computed = "attention_surgery_computations_total['done', 'gpt2-mini-12x12', 'importance']"
    # It is counted when the model is free again, a moment after the answer has left.
    wait_until(lambda: metrics(server).get(computed, 0) > before.get(computed, 0))
    after = metrics(server)

    def grown(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert grown("attention_surgery_tokens_total['gpt2-mini-12x12']") in (4, 5, 6)
    assert grown(computed) == 1
    assert grown("attention_surgery_refusals_total['UnknownModel']") == 1
    assert grown("attention_surgery_requests_total['/infer', '200']") == 1
    assert grown("attention_surgery_queue_seconds_count['infer']") == 1
    assert grown("attention_surgery_model_seconds_count['importance']") == 1
    assert after["attention_surgery_model_state['gpt2-mini-12x12', 'ready']"] == 1
    assert after["attention_surgery_queue_length['gpt2-mini-12x12']"] == 0
    assert after["process_resident_memory_bytes[]"] > 1e7
