"""Classroom links over HTTP: prompt and settings hold, cuts are free, the key reads the answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from attention_surgery.service.classes import is_this_machine, offers_classes
from attention_surgery.settings import Settings
from tests.api.servers import IOI, Server
from tests.api.test_experiments import KEY, deletes, reads, refused

PROMPT = f"?p={IOI.replace(' ', '+')}"
ASKED = f"{PROMPT}&n=3&m=gpt2-mini-12x12&v=2"
FOUND = f"{PROMPT}&cut=L9H6z*0.5~1&n=3&m=gpt2-mini-12x12&set1.a=x&set1.a=y&tab=lens&v=2"


def made(server: Server, **changes: Any) -> dict[str, Any]:
    body = {"title": "Who?", "question": "Which heads?\nWhy?", "link": ASKED} | changes
    answer = server.post("/classes", **body)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def hands_in(server: Server, classroom: str, **changes: Any) -> httpx.Response:
    body = {"name": "Ada", "sentence": "L9H6 does it.", "link": FOUND} | changes
    return server.post(f"/classes/{classroom}/answers", **body)


def asks(server: Server, method: str, path: str, key: str) -> httpx.Response:
    return server.client.request(method, path, headers={KEY: key})


def answers(server: Server, told: dict[str, Any]) -> dict[str, Any]:
    found = asks(server, "GET", f"/classes/{told['id']}/answers", told["key"])
    assert found.status_code == 200, found.text
    assert found.headers["Cache-Control"] == "no-store"
    body: dict[str, Any] = found.json()
    return body


def test_two_hand_in_and_the_teacher_reads_both(server: Server) -> None:
    told = made(server)
    seen = server.client.get(f"/classes/{told['id']}").json()
    assert seen == {
        "id": told["id"],
        "title": "Who?",
        "question": "Which heads?\nWhy?",
        "link": ASKED,
        "state": "open",
        "saved": told["saved"],
        "expires": told["expires"],
    }
    for _ in range(2):
        counted = server.post(f"/classes/{told['id']}/openings")
        assert counted.json() == {"id": told["id"]}
    view = server.post(
        "/infer", prompt=IOI, ablations=["L9H9z", "L10H0z", "L9H6z"], max_new_tokens=0
    ).json()
    first = hands_in(server, told["id"], results=[view]).json()
    second = hands_in(server, told["id"], name=" ", sentence="").json()
    assert first["expires"] == told["expires"]

    found = answers(server, told)
    assert (found["classroom"], found["opened"]) == (seen, 2)
    ada, nameless = found["answers"]
    assert (ada["id"], ada["name"], ada["sentence"]) == (first["id"], "Ada", "L9H6 does it.")
    assert ada["cuts"] == "?cut=L9H6z%2A0.5~1&set1.a=x&set1.a=y&tab=lens&v=2"
    candidates = view["next_token"]["candidates"]
    for run in ("control", "ablated"):
        ranked = sorted((each[f"{run}_logprob"], each["text"]) for each in candidates)
        logprob, text = ranked[-1]
        assert ada["said"][run] == {"text": text, "logprob": logprob}
    assert ada["said"]["kl"] == view["next_token"]["kl"]
    assert ada["said"]["top1_changed"] is view["next_token"]["top1_changed"]
    assert (nameless["id"], nameless["name"], nameless["said"]) == (
        second["id"],
        "Without a name",
        None,
    )
    whole = reads(server, first["id"]).json()
    assert (whole["title"], whole["note"], whole["link"]) == ("Ada", "L9H6 does it.", FOUND)
    assert whole["results"] == [view]


def test_deleting_deletes(server: Server) -> None:
    told = made(server)
    handed = [hands_in(server, told["id"]).json() for _ in range(3)]
    assert deletes(server, handed[0]["id"], handed[0]["key"]).status_code == 200
    path = f"/classes/{told['id']}/answers/{handed[1]['id']}"
    refused(asks(server, "DELETE", path, handed[1]["key"]), 403, "WrongKey")
    assert asks(server, "DELETE", path, told["key"]).json() == {"id": handed[1]["id"]}
    refused(asks(server, "DELETE", path, told["key"]), 404, "UnknownExperiment")
    assert [each["id"] for each in answers(server, told)["answers"]] == [handed[2]["id"]]
    refused(deletes(server, told["id"], handed[2]["key"]), 403, "WrongKey")
    assert deletes(server, told["id"], told["key"]).status_code == 200
    refused(server.client.get(f"/classes/{told['id']}"), 404, "UnknownClass")
    refused(reads(server, handed[2]["id"]), 404, "UnknownExperiment")


def test_a_closed_class_says_so_until_it_is_reopened(server: Server) -> None:
    told = made(server)
    path = f"/classes/{told['id']}"
    refused(asks(server, "POST", f"{path}/close", "wrong"), 403, "WrongKey")
    assert asks(server, "POST", f"{path}/close", told["key"]).json()["state"] == "closed"
    assert "closed" in refused(hands_in(server, told["id"]), 409, "ClassClosed")
    assert asks(server, "POST", f"{path}/reopen", told["key"]).json()["state"] == "open"
    assert hands_in(server, told["id"]).status_code == 201


@pytest.mark.parametrize(
    ("changes", "kind", "says"),
    [
        ({"link": FOUND.replace("Mary", "Ann")}, "InvalidRequest", "differs in 'p'"),
        ({"link": FOUND.replace("n=3", "n=4")}, "InvalidRequest", "differs in 'n'"),
        ({"link": FOUND + "&t=1"}, "InvalidRequest", "differs in 't'"),
        ({"link": "?p=Ann&" + FOUND[1:]}, "InvalidRequest", "differs in 'p'"),
        ({"link": ""}, "InvalidRequest", "differs in 'p'"),
        ({"link": FOUND + "&at=" + "x" * 4096}, "InvalidRequest", "4096 characters"),
        ({"link": "https://elsewhere.example/"}, "InvalidRequest", "the page's query"),
        ({"name": "a\nb"}, "InvalidRequest", "one line"),
        ({"name": "x" * 61}, "InvalidRequest", "60 characters"),
        ({"name": "\ud800"}, "InvalidRequest", "name"),
        ({"name": None}, "InvalidRequest", "name"),
        ({"sentence": "x" * 1001}, "InvalidRequest", "1000 characters"),
        ({"sentence": "a\0b"}, "InvalidRequest", "plain text"),
        ({"results": [{}]}, "InvalidSetting", "results[0]"),
        ({"results": [{}] * 17}, "InvalidRequest", "16 entries"),
        ({"more": 1}, "InvalidRequest", "no such field"),
    ],
)
def test_what_is_no_answer_is_refused(
    server: Server, changes: dict[str, Any], kind: str, says: str
) -> None:
    told = made(server)
    body = json.dumps({"name": "Ada", "link": FOUND} | changes)
    sent = server.client.post(
        f"/classes/{told['id']}/answers",
        content=body,
        headers={"Content-Type": "application/json"},
    )
    assert says in refused(sent, 422, kind)
    assert answers(server, told)["answers"] == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 121}, "120 characters"),
        ({"question": "x" * 2001}, "2000 characters"),
        ({"question": "a\0b"}, "plain text"),
        ({"link": "?" + "x" * 65_536}, "65536 characters"),
        ({"link": "?n=3"}, "about a prompt"),
        ({"note": "x"}, "no such field"),
    ],
)
def test_what_is_no_class_is_refused(server: Server, changes: dict[str, Any], says: str) -> None:
    sent = server.post("/classes", **({"title": "Who?", "link": ASKED} | changes))
    assert says in refused(sent, 422, "InvalidRequest")


def test_what_a_client_claims_was_said_takes_no_room_in_the_list(server: Server) -> None:
    told = made(server)
    view = server.post("/infer", prompt=IOI, max_new_tokens=0).json()
    view["next_token"]["candidates"][0]["text"] = "x" * 100_000
    assert hands_in(server, told["id"], results=[view]).status_code == 201
    (answer,) = answers(server, told)["answers"]
    assert len(json.dumps(answer)) < 1000


def test_limits_are_told_and_kept(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(
        ready=False,
        database=str(tmp_path / "s.sqlite"),
        max_saved_bytes=2000,
        class_answers=2,
        class_days=3.0,
    )
    saving = server.client.get("/experiments").json()
    assert [saving[f"class{each}"] for each in ("es", "_days", "_answers")] == [True, 3.0, 2]
    told = made(server)
    too_large = hands_in(server, told["id"], sentence="é" * 1000)
    assert "at most 0.00191 MiB" in refused(too_large, 422, "InvalidRequest")
    larger = hands_in(server, told["id"], sentence="x" * 4000)
    assert "larger than 4000 bytes" in refused(larger, 413, "BodyTooLarge")
    for _ in range(2):
        assert hands_in(server, told["id"]).status_code == 201
    assert "2 answers are handed in" in refused(hands_in(server, told["id"]), 409, "QuotaExceeded")
    assert server.client.get(f"/classes/{told['id']}").json()["state"] == "full"


@pytest.mark.parametrize("settings", [{"classes": False}, {"saving": False, "classes": True}])
def test_a_host_can_offer_no_classes(
    serve: Callable[..., Server], tmp_path: Path, settings: dict[str, bool]
) -> None:
    server = serve(ready=False, database=str(tmp_path / "s.sqlite"), **settings)
    assert server.client.get("/experiments").json()["classes"] is False
    for sent in (
        server.post("/classes", title="Who?", link=ASKED),
        server.client.get("/classes/x"),
        server.post("/classes/x/openings"),
        hands_in(server, "x"),
        *(
            asks(server, method, f"/classes/x/{path}", "y")
            for method, path in (
                ("GET", "answers"),
                ("POST", "close"),
                ("POST", "reopen"),
                ("DELETE", "answers/z"),
            )
        ),
    ):
        assert "no classroom links" in refused(sent, 403, "NotOffered")
    assert not (tmp_path / "s.sqlite").exists()


@pytest.mark.parametrize(
    ("client", "is_ours"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::/64", True),
        ("192.168.1.7", False),
        ("198.51.100.4", False),
        ("2001:db8::/64", False),
        ("local", False),
        ("", False),
    ],
)
def test_unasked_a_server_offers_classes_to_its_own_machine_alone(
    client: str, is_ours: bool
) -> None:
    assert is_this_machine(client) is is_ours
    assert offers_classes(Settings(), client) is is_ours
    assert offers_classes(Settings(classes=True), client)
    assert not offers_classes(Settings(classes=False), client)
    assert not offers_classes(Settings(classes=True, saving=False), client)


def test_behind_a_proxy_of_this_machine_others_are_offered_none(server: Server) -> None:
    elsewhere = {"X-Forwarded-For": "198.51.100.4"}
    assert server.client.get("/experiments", headers=elsewhere).json()["classes"] is False
    sent = server.client.get("/classes/x", headers=elsewhere)
    refused(sent, 403, "NotOffered")
    assert server.client.get("/experiments").json()["classes"] is True
