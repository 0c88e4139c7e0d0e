"""A server that has answered for long holds no more than one that has just begun."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, get_args

import httpx
import psutil
import pytest

from attention_surgery.analyses import analyses
from attention_surgery.analyses.cost import Shape
from attention_surgery.analyses.importance import ImportanceMethod
from attention_surgery.engine.components import Component

from .servers import IOI, PATIENT, ServerProcess

WORDS = IOI.split()
BUNDLED = Shape(n_layers=12, n_heads=12, d_model=192, d_mlp=768, d_vocab=4096, n_ctx=256)
# Once each analysis and so many more were answered, kernels and buffers of all sizes are there.
N_WARMING, N_REQUESTS = 50, 2000
MOST_GROWTH = 50 * 1024 * 1024
# What takes more passes of a token than so many is asked the more rarely.
OFTEN = 600
# What is asked beside the examples of the analyses.
VARIED: dict[str, dict[str, tuple[Any, ...]]] = {
    "infer": {"max_new_tokens": (0, 0, 3)},
    "importance": {"method": get_args(ImportanceMethod), "positions": ("all",)},
    "patching": {"component": get_args(Component), "estimate": (False, True)},
}

# Route, body, status.
Asked = tuple[str, dict[str, Any], int]


def longer(body: dict[str, Any], words: str) -> dict[str, Any]:
    """The body with these words before each of its texts: two prompts stay of one length."""
    more: dict[str, Any] = {
        name: words + body[name] for name in ("prompt", "corrupt") if name in body
    }
    if "items" in body:
        more["items"] = [longer(item, words) for item in body["items"]]
    return body | more


def mixed_requests(seed: int) -> Iterator[Asked]:
    """Every analysis, plain and streamed, of texts of all lengths, some of a head that is not."""
    rng = random.Random(seed)
    while True:
        analysis = rng.choice(analyses())
        n_words = rng.choice([0, 0, 4, 12, 40, 120])
        body = longer(analysis.example, "".join(f"{w} " for w in rng.choices(WORDS, k=n_words)))
        body |= {name: rng.choice(of) for name, of in VARIED.get(analysis.name, {}).items()}
        status = 200
        if "ablations" in analysis.model_fields:
            heads = {f"L{n // 12}H{n % 12}" for n in rng.sample(range(145), k=3)}
            cuts = sorted(heads - set(body.get("heads", ())))
            body["ablations"] = [head + rng.choice("zmp") for head in cuts]
            status = 422 if "L12H0" in cuts else 200
        cost = analysis.ask(**body).cost(BUNDLED, 16 + n_words)
        if rng.random() * cost.passes < OFTEN:
            yield analysis.path() + rng.choice(["", "", "/stream"]), body, status


@pytest.mark.long
def test_two_thousand_mixed_requests_leave_no_memory_behind(
    serve_process: Callable[..., ServerProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MALLOC_ARENA_MAX", "2")  # as on the host: see docs/deploy.md
    server = serve_process(cache_bytes=0)
    process, requests = psutil.Process(server.pid), mixed_requests(seed=0)
    examples = [(each.path(), each.example, 200) for each in analyses()]

    with httpx.Client(base_url=server.url, timeout=PATIENT) as client:

        def resident_after(asked: Iterable[Asked]) -> int:
            for path, body, status in asked:
                assert client.post(path, json=body).status_code == status, (path, body)
            return int(process.memory_info().rss)

        before = resident_after([*examples, *islice(requests, N_WARMING)])
        after = resident_after(islice(requests, N_REQUESTS))
    assert after - before < MOST_GROWTH
