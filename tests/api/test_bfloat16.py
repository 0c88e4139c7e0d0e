"""A server in bfloat16 answers every route as one in float32 does, but for rounding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from .servers import IOI, Server, bundled_settings

CUT = [{"layer": layer, "head": head} for layer, head in ((6, 6), (5, 9), (4, 10), (6, 5))]

Both = Callable[..., tuple[dict[str, Any], dict[str, Any]]]


@pytest.fixture(scope="module")
def both(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Ask both servers: float32's answer, bfloat16's answer."""
    nowhere: Path = tmp_path_factory.mktemp("no-page")
    half = Server(bundled_settings(frontend=nowhere, precision="bfloat16"))
    half.start()
    half.wait_until_ready()

    def ask(path: str, **body: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        answers = [each.post(path, prompt=IOI, **body) for each in (server, half)]
        assert [answer.status_code for answer in answers] == [200, 200]
        return answers[0].json(), answers[1].json()

    yield ask
    half.stop()


def relative_error(found: ArrayLike, expected: ArrayLike) -> float:
    """‖found − expected‖ / ‖expected‖."""
    difference = np.asarray(found, float) - np.asarray(expected, float)
    return float(np.linalg.norm(difference) / np.linalg.norm(np.asarray(expected, float)))


def test_both_texts_and_their_metrics(both: Both) -> None:
    single, half = both("/infer", ablations=CUT, max_new_tokens=4)
    assert half["control"]["text"] == single["control"]["text"]
    assert half["ablated"]["text"] == single["ablated"]["text"]
    assert half["next_token"]["kl"] == pytest.approx(single["next_token"]["kl"], rel=0.05)
    for name in ("kl", "perplexity_control", "perplexity_ablated"):
        assert half["metrics"][name] == pytest.approx(single["metrics"][name], rel=0.05)
    assert half != single, "it is another precision"


def test_nothing_cut_is_no_change_at_all(both: Both) -> None:
    _, half = both("/infer", max_new_tokens=4)
    assert half["control"] == half["ablated"]
    assert (half["metrics"]["kl"], half["metrics"]["perplexity_delta"]) == (0, 0)


def test_the_lens(both: Both) -> None:
    single, half = both("/logit-lens", ablations=CUT)
    for run in ("control", "ablated"):
        found, expected = (np.array(answer[run]["target_prob"]) for answer in (half, single))
        assert ((found >= 0) & (found <= 1)).all()
        np.testing.assert_allclose(found, expected, atol=0.1)
        assert relative_error(found, expected) < 0.05


def test_the_pattern_of_a_head(both: Both) -> None:
    single, half = both("/attention", ablations=CUT, layer=7, head=3)
    for run in ("control", "ablated"):
        found = np.array(half[run])
        np.testing.assert_allclose(found.sum(-1), 1, atol=0.02)
        assert relative_error(found, single[run]) < 0.05


@pytest.mark.parametrize("method", ["gradient", "attribution", "l2", "kl"])
def test_the_scores_of_all_heads(both: Both, method: str) -> None:
    single, half = both("/importance", method=method)
    assert np.isfinite(half["scores"]).all()
    assert relative_error(half["scores"], single["scores"]) < 0.1
