"""Tasks over HTTP: listed, drawn, read from a file, refused."""

from __future__ import annotations

import json

from attention_surgery.analyses.task import WrittenTaskRequest, task_items
from attention_surgery.engine.model import Model
from attention_surgery.metrics import metrics
from tests.api.servers import Server


def test_tasks_over_http(server: Server, bundled: Model) -> None:
    listed = server.client.get("/tasks").json()["tasks"]
    by_name = {task["name"]: task for task in listed}
    assert {task["metric"] for task in listed} <= {metric.name for metric in metrics()}
    assert by_name["ioi"]["parameters"]["corruption"]["enum"] == ["swapped", "abc"]
    parameters = json.dumps({"corruption": "abc"})
    given = {"n": 3, "seed": 1, "parameters": parameters}
    answer = server.client.get("/tasks/ioi", params=given)
    assert answer.status_code == 200, answer.text
    expected = task_items(bundled, "ioi", n=3, seed=1, corruption="abc")
    assert answer.json()["items"] == expected.to_dict()["items"]
    for path, sentence in (
        ("/tasks/walking", "no task"),
        ("/tasks/ioi?n=0", "n "),
        ("/tasks/ioi?parameters=[1]", "no JSON object"),
    ):
        refused = server.client.get(path)
        assert refused.status_code == 422, path
        assert sentence in refused.json()["detail"]


def test_a_file_over_http_tells_its_items_and_its_bad_lines(server: Server) -> None:
    example = WrittenTaskRequest.example
    text = example["text"] + "one cell\n"
    answer = server.post("/tasks", **{**example, "text": text})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [item["answer"] for item in found["items"]] == [" Mary"]
    assert [problem["line"] for problem in found["problems"]] == [3]
