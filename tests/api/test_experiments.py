"""Saved experiments over HTTP: with their numbers, within their limits, and never in the way."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from attention_surgery.service import keeping as module
from tests.api.servers import IOI, Server, ServerProcess, wait_until

LINK = "?p=When+Mary&cut=L9H6z&v=2"
KEY = "X-Experiment-Key"


def saved(server: Server, **changes: Any) -> httpx.Response:
    return server.post("/experiments", **{"title": "a title", "link": LINK, **changes})


def reads(server: Server, identifier: str) -> httpx.Response:
    return server.client.get(f"/experiments/{identifier}")


def deletes(server: Server, identifier: str, key: str) -> httpx.Response:
    return server.client.delete(f"/experiments/{identifier}", headers={KEY: key})


def refused(answer: httpx.Response, status: int, kind: str) -> str:
    body = answer.json()
    assert (answer.status_code, body["error"]) == (status, kind), body
    assert body["detail"].endswith((".", "?"))
    detail: str = body["detail"]
    return detail


def test_answers_come_back_number_for_number(server: Server) -> None:
    answers = [
        server.post("/infer", prompt=IOI, ablations=["L9H6z*0.5"], max_new_tokens=3),
        server.post("/importance", prompt=IOI, method="gradient"),
        server.post("/logit-lens", prompt=IOI, ablations=["M9z"]),
        server.post("/attention", prompt=IOI, layer=9, head=6),
    ]
    made = saved(server, note="two\nlines", results=[answer.json() for answer in answers])
    assert made.status_code == 201, made.text
    found = reads(server, made.json()["id"])
    assert found.headers["Cache-Control"] == "no-store"
    given = found.json()
    assert given["results"] == [answer.json() for answer in answers]
    assert (given["title"], given["note"], given["link"]) == ("a title", "two\nlines", LINK)
    assert given["saved"] == made.json()["saved"] < given["expires"] == made.json()["expires"]
    assert "key" not in given


def test_deleting_takes_the_key(server: Server) -> None:
    made = saved(server).json()
    other = saved(server).json()
    refused(deletes(server, made["id"], other["key"]), 403, "WrongKey")
    refused(server.client.delete(f"/experiments/{made['id']}"), 422, "InvalidRequest")
    assert deletes(server, made["id"], made["key"]).json() == {"id": made["id"]}
    refused(reads(server, made["id"]), 404, "UnknownExperiment")
    refused(deletes(server, made["id"], made["key"]), 404, "UnknownExperiment")
    assert reads(server, other["id"]).status_code == 200


@pytest.mark.parametrize(
    "title",
    [
        "<script>alert(1)</script>",
        "'; DROP TABLE experiments; --",
        "{{7*7}} ${7*7} %s",
        "‮gnp.exe",
        "👩‍👩‍👧 L9H9 „Namen“ 名前",
        "x" * 120,
    ],
)
def test_a_title_is_kept_as_it_is(server: Server, title: str) -> None:
    made = saved(server, title=title)
    assert reads(server, made.json()["id"]).json()["title"] == title


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"title": ""}, "title"),
        ({"title": " \u3000"}, "title is one line"),
        ({"title": "a\nb"}, "title is one line"),
        ({"title": "a\u0000b"}, "title is one line"),
        ({"title": "a\u2028b"}, "title is one line"),
        ({"title": "\ud800"}, "title"),
        ({"title": "x" * 121}, "120 characters"),
        ({"title": None}, "title"),
        ({"note": "a\u0000b"}, "plain text"),
        ({"note": "x" * 4001}, "4000 characters"),
        ({"link": "https://elsewhere.example/?p="}, "the page's query"),
        ({"link": "?p=a b"}, "the page's query"),
        ({"link": "?p=a#b"}, "the page's query"),
        ({"link": "javascript:alert(1)"}, "the page's query"),
        ({"link": "?" + "x" * 65_536}, "65536 characters"),
        ({"results": [{}] * 17}, "16 entries"),
        ({"results": "none"}, "results"),
        ({"results": [[]]}, "results[0]"),
        ({"more": 1}, "no such field"),
    ],
)
def test_what_cannot_be_saved_is_refused(
    server: Server, changes: dict[str, Any], says: str
) -> None:
    body = json.dumps({"title": "a title", "link": LINK, **changes})
    answer = server.client.post(
        "/experiments", content=body, headers={"Content-Type": "application/json"}
    )
    assert says in refused(answer, 422, "InvalidRequest")


def change(*path: Any, to: Any) -> Callable[[dict[str, Any]], None]:
    def apply(result: dict[str, Any]) -> None:
        *inner, last = path
        for part in inner:
            result = result[part]
        result[last] = to

    return apply


@pytest.mark.parametrize(
    ("falsify", "says"),
    [
        (change("provenance", to=None), "Provenance"),
        (change("provenance", "analysis", to="guess"), "'guess' is no analysis"),
        (change("provenance", "request", "prompt", to=7), "prompt"),
        (change("provenance", "request", "anything", to=7), "anything: no such field"),
        (change("scores", to="high"), "scores: this is no array [layer][head]"),
        (change("scores", 0, to=[1.0]), "scores: this is no array [layer][head]"),
        (change("scores", 0, 0, to="high"), "scores: this is no array [layer][head]"),
        (change("scores", 0, 0, to=10**400), "scores: this is no array [layer][head]"),
        (change("model", to=[]), "model"),
    ],
)
def test_what_is_no_answer_is_refused(
    server: Server, falsify: Callable[[dict[str, Any]], None], says: str
) -> None:
    result = server.post("/importance", prompt=IOI, method="gradient").json()
    falsify(result)
    sentence = refused(saved(server, results=[result]), 422, "InvalidSetting")
    assert sentence.startswith("results[0]")
    assert says in sentence


def test_what_no_answer_has_is_left_out(server: Server) -> None:
    answer = server.post("/importance", prompt=IOI, method="gradient").json()
    made = saved(server, results=[answer | {"more": "x" * 1000}])
    assert reads(server, made.json()["id"]).json()["results"] == [answer]


def test_infinite_numbers_are_refused(server: Server) -> None:
    answer = server.post("/importance", prompt=IOI, method="gradient").json()
    answer["scores"][0][0] = "HERE"
    body = json.dumps({"title": "t", "link": LINK, "results": [answer]})
    sent = server.client.post(
        "/experiments",
        content=body.replace('"HERE"', "1e999"),
        headers={"Content-Type": "application/json"},
    )
    assert "finite numbers" in refused(sent, 422, "InvalidSetting")


def test_limits_are_told_and_kept(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(
        ready=False,
        database=str(tmp_path / "s.sqlite"),
        max_saved_bytes=2000,
        client_saved=2,
        saved_days=2.0,
    )
    told = server.client.get("/experiments").json()
    assert (told["offered"], told["days"], told["max_bytes"]) == (True, 2.0, 2000)
    too_large = saved(server, note="é" * 1500)
    assert "at most 0.00191 MiB" in refused(too_large, 422, "InvalidRequest")
    assert "larger than 4000 bytes" in refused(
        saved(server, link="?" + "x" * 4000), 413, "BodyTooLarge"
    )
    made = [saved(server).json() for _ in range(2)]
    assert "2 experiments are saved" in refused(saved(server), 409, "QuotaExceeded")
    assert deletes(server, made[0]["id"], made[0]["key"]).status_code == 200
    assert saved(server).status_code == 201


def test_what_has_expired_is_purged_at_the_start(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    file = tmp_path / "s.sqlite"
    first = serve(ready=False, database=str(file), saved_days=1e-6)
    made = saved(first).json()
    time.sleep(0.1)
    refused(reads(first, made["id"]), 404, "UnknownExperiment")
    serve(ready=False, database=str(file))

    def count() -> int:
        with sqlite3.connect(file) as connection:
            found: int = connection.execute("SELECT count(*) FROM experiments").fetchone()[0]
        connection.close()
        return found

    wait_until(lambda: count() == 0)


def test_a_host_can_save_nothing(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(ready=False, saving=False, database=str(tmp_path / "s.sqlite"))
    assert server.client.get("/experiments").json()["offered"] is False
    for answer in (saved(server), reads(server, "x"), deletes(server, "x", "y")):
        refused(answer, 403, "NotOffered")
    assert not (tmp_path / "s.sqlite").exists()


def test_without_its_database_the_server_does_all_else(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    server = serve(database=str(tmp_path / "file" / "s.sqlite"))
    for answer in (saved(server), reads(server, "x"), deletes(server, "x", "y")):
        refused(answer, 503, "StoreUnavailable")
        assert int(answer.headers["Retry-After"]) >= 1
    assert server.post("/infer", prompt=IOI, max_new_tokens=0).status_code == 200
    assert server.client.get("/health/ready").status_code == 200


def test_a_database_that_hangs_holds_up_nothing_else(
    serve: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "s.sqlite"
    server = serve(database=str(file))
    assert saved(server).status_code == 201
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.2)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert "did not answer within 0.2 seconds" in refused(saved(server), 503, "StoreUnavailable")
    assert server.post("/infer", prompt=IOI, max_new_tokens=0).status_code == 200
    other.execute("ROLLBACK")
    other.close()
    monkeypatch.undo()
    assert saved(server).status_code == 201


def test_saving_needs_the_token_and_counts_against_the_rate(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(ready=False, token="s3cret", rate_limit=3, database=str(tmp_path / "s.sqlite"))
    refused(saved(server), 401, "Unauthorized")
    refused(reads(server, "x"), 401, "Unauthorized")
    server.client.headers["Authorization"] = "Bearer s3cret"
    made = saved(server).json()
    for _ in range(2):
        deletes(server, made["id"], "wrong")
    refused(deletes(server, made["id"], made["key"]), 429, "RateLimited")
    assert reads(server, made["id"]).status_code == 200


@pytest.mark.long
def test_what_is_saved_outlives_the_server(
    serve_process: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    settings = {"database": tmp_path / "s.sqlite"}
    first = serve_process(**settings)
    made = httpx.post(
        f"{first.url}/experiments", json={"title": "t", "link": LINK}, timeout=60
    ).json()
    first.kill()
    second = serve_process(**settings)
    found = httpx.get(f"{second.url}/experiments/{made['id']}", timeout=60).json()
    assert found["link"] == LINK
