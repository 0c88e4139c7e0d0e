"""Runs over HTTP: started, followed, read half-way and at the end, stopped, deleted, refused."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import csv, parquet

from attention_surgery.analyses import circuit_search, importance
from attention_surgery.engine.model import Model
from attention_surgery.engine.sites import Sender
from attention_surgery.statistics import against_zero, summary
from attention_surgery.tasks import generate
from tests.api.servers import Server, wait_until

GRADIENT = {"name": "importance", "method": "gradient"}


def started(server: Server, **changes: Any) -> dict[str, Any]:
    answer = server.post("/runs", **{"task": "ioi", "n": 3, "analysis": GRADIENT, **changes})
    assert answer.status_code == 201, answer.text
    run: dict[str, Any] = answer.json()
    return run


def read(server: Server, path: str) -> Any:
    answer = server.client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ended(server: Server, run: str) -> dict[str, Any]:
    wait_until(lambda: read(server, f"/runs/{run}")["state"] not in ("queued", "running"))
    found: dict[str, Any] = read(server, f"/runs/{run}")
    return found


def test_a_run_gives_the_numbers_of_its_items_one_by_one(server: Server, bundled: Model) -> None:
    run = started(server, title="names")
    assert (run["state"], run["total"], run["task"], run["seed"]) == ("queued", 3, "ioi", 0)
    done = ended(server, run["id"])
    assert (done["state"], done["done"], done["why"]) == ("done", 3, None)
    task = generate("ioi", bundled.tokenizer, n=3)
    alone = [
        importance(
            bundled,
            item.prompt,
            "gradient",
            metric="logit_difference",
            answer=item.answer,
            foil=item.foil,
        ).scores
        for item in task.items
    ]
    whole = server.client.get(f"/runs/{run['id']}/results", params={"format": "parquet"}).content
    table = parquet.read_table(io.BytesIO(whole))
    scores = np.asarray(table["score"]).reshape(3, 12, 12)
    # Together they round differently than alone.
    np.testing.assert_allclose(scores, alone, rtol=1e-4, atol=1e-7)
    assert json.loads(table.schema.metadata[b"request"])["task"] == "ioi"
    found = read(server, f"/runs/{run['id']}/results")["summary"]
    expected = summary(scores)
    assert (found["n"], found["permutations"]) == (3, 8)
    for name in ("mean", "standard_error", "low", "high", "same_sign"):
        np.testing.assert_allclose(found[name], getattr(expected, name), rtol=1e-12)
    np.testing.assert_allclose(found["adjusted_p"], against_zero(scores).adjusted, rtol=1e-12)

    head = read(server, f"/runs/{run['id']}/heads/9/6")
    assert [item["prompt"] for item in head["items"]] == [item.prompt for item in task.items]
    np.testing.assert_array_equal([item["score"] for item in head["items"]], scores[:, 9, 6])
    lines = server.client.get(f"/runs/{run['id']}/results", params={"format": "csv"}).content
    rows = csv.read_csv(io.BytesIO(lines))
    assert rows.column_names == ["item", "layer", "head", "score"]
    np.testing.assert_allclose(rows["score"], scores.ravel(), rtol=1e-6)


def test_the_events_tell_of_it_until_it_ends(server: Server) -> None:
    run = started(server)
    with server.client.stream("GET", f"/runs/{run['id']}/events") as stream:
        lines = list(stream.iter_lines())
    names = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    told = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    assert names[-1] == "done"
    assert set(names[:-1]) <= {"progress"}
    assert told[-1]["state"] == "done"
    dones = [each["done"] for each in told]
    assert dones == sorted(dones)


def test_items_of_ones_own_are_run(server: Server) -> None:
    items = [{"prompt": "Mary and John. Mary saw", "answer": " John", "foil": " Mary"}]
    run = server.post("/runs", task="mine", items=items, analysis=GRADIENT).json()
    assert (run["total"], run["seed"], run["task"]) == (1, None, "mine")
    assert ended(server, run["id"])["state"] == "done"
    found = read(server, f"/runs/{run['id']}/results")["summary"]
    assert (found["n"], found["standard_error"]) == (1, None)


def test_a_run_can_be_stopped_and_deleted(server: Server) -> None:
    run = started(server, n=60, analysis={"name": "importance", "method": "ablation"})
    wait_until(lambda: read(server, f"/runs/{run['id']}")["done"] > 0)
    stopped = server.client.post(f"/runs/{run['id']}/stop").json()
    assert stopped["state"] == "cancelled"
    assert 0 < stopped["done"] < 60
    assert read(server, f"/runs/{run['id']}/results")["summary"]["n"] == stopped["done"]
    resumed = server.client.post(f"/runs/{run['id']}/resume").json()
    assert (resumed["state"] in ("queued", "running"), resumed["done"]) == (True, stopped["done"])
    wait_until(lambda: read(server, f"/runs/{run['id']}")["done"] > stopped["done"])
    assert run["id"] in [each["id"] for each in read(server, "/runs")["runs"]]
    assert server.client.delete(f"/runs/{run['id']}").json() == {"id": run["id"]}
    assert server.client.get(f"/runs/{run['id']}").status_code == 404


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"task": "nothing"}, "'nothing' is no task"),
        ({"parameters": {"corruption": "no"}}, "Parameters of ioi: corruption: "),
        ({"n": 10_001}, "10000"),
        ({"analysis": {"name": "infer"}}, "no number to average"),
        ({"analysis": {}}, "name the analysis"),
        ({"analysis": GRADIENT | {"methd": 1}}, "methd"),
        ({"analysis": GRADIENT | {"prompt": "A"}}, "comes from the task's items"),
        ({"analysis": {"name": "patching", "each_position": True}}, "each_position"),
        ({"analysis": {"name": "patching", "heads": ["L0H0"]}}, "leave heads out"),
        ({"items": [{"prompt": "A", "answer": "b"}]}, "leave n, seed, parameters out"),
        ({"model": "other"}, "There is no model"),
        ({"title": "a\nb"}, "one line"),
    ],
)
def test_what_cannot_be_run_is_refused_in_a_sentence(
    server: Server, changes: dict[str, Any], sentence: str
) -> None:
    answer = server.post("/runs", **{"task": "ioi", "n": 3, "analysis": GRADIENT, **changes})
    assert answer.status_code in (404, 422), answer.text
    assert sentence in answer.json()["detail"]


def test_what_a_host_bounds_is_refused_in_a_sentence(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    bounds = {"max_run_items": 5, "client_runs": 3, "client_unfinished_runs": 2}
    server = serve(database=str(tmp_path / "runs.sqlite"), max_run_seconds=1e-3, **bounds)

    def refused(**changes: Any) -> tuple[int, str]:
        asked = {"task": "ioi", "n": 3, "analysis": GRADIENT, **changes}
        answer = server.post("/runs", **asked)
        return answer.status_code, answer.json()["detail"]

    assert refused(n=6) == (422, "The run has 6 items: this server allows 5.")
    with server.held():
        slow = started(server, analysis={"name": "importance", "method": "ablation"})
        started(server)
        status, sentence = refused()
        assert (status, sentence[:37]) == (409, "Of your runs no more than 2 can wait ")
    told = ended(server, slow["id"])
    assert (told["state"], told["done"]) == ("failed", 1)
    assert told["why"].startswith("It took longer than the 0.001 seconds that this server gives")
    ended(server, started(server)["id"])
    status, sentence = refused()
    assert (status, sentence[:37]) == (409, "Of your runs no more than 3 can be ke")
    closed = serve(ready=False, runs=False)
    assert closed.client.get("/runs").json()["offered"] is False
    assert "runs no tasks" in closed.post("/runs", task="ioi", analysis=GRADIENT).json()["detail"]


def test_one_bad_item_in_hundreds_is_named(server: Server) -> None:
    good = {"prompt": "Mary and John. Mary saw", "answer": " John", "foil": " Mary"}
    items = [good] * 249 + [good | {"answer": " two words"}] + [good] * 250
    answer = server.post("/runs", task="mine", items=items, analysis=GRADIENT)
    assert answer.status_code == 422
    assert "Item 249" in answer.json()["detail"]


def test_a_search_is_a_run_of_one_piece(server: Server, bundled: Model) -> None:
    analysis = {"name": "circuit_search", "direction": "growth", "target": 0.3}
    run = started(server, n=3, analysis=analysis)
    assert run["total"] == 1
    done = ended(server, run["id"])
    assert (done["state"], done["why"]) == ("done", None)
    results = read(server, f"/runs/{run['id']}/results")
    alone = circuit_search(bundled, task="ioi", n=3, direction="growth", target=0.3)
    found = results["found"]
    assert [Sender(**head) for head in found["heads"]] == alone.heads
    assert found["value"] == pytest.approx(alone.value, abs=1e-5)
    mean = np.array(results["summary"]["mean"])
    assert {Sender(*place) for place in np.argwhere(mean).tolist()} == set(alone.heads)
    refused = server.client.get(f"/runs/{run['id']}/heads/0/0")
    assert "all items together" in refused.json()["detail"]
