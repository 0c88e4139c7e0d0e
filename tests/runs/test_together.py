"""Circuits as runs: one piece of work, which a search goes on with where it was left."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest
from pydantic import ValidationError

from attention_surgery.analyses import circuit_search
from attention_surgery.engine.model import Model
from attention_surgery.engine.steps import drain
from attention_surgery.runs.request import RunRequest
from attention_surgery.runs.together import Piece
from tests.analyses.test_circuit import ITEMS

GIVEN = [
    {"prompt": item.prompt, "answer": item.answer, "foil": item.foil, "corrupt": item.corrupt}
    for item in ITEMS
]
SEARCH = {"name": "circuit_search", "direction": "growth", "target": 0.99}


def asked(**analysis: Any) -> RunRequest:
    fields = {"task": "mine", "items": GIVEN, "analysis": SEARCH | analysis}
    return RunRequest.model_validate(fields)


def test_a_search_given_up_goes_on_with_equal_numbers(tiny: Model) -> None:
    request, shape = asked().of_items(), (tiny.n_layers, tiny.n_heads)
    at_once = circuit_search(tiny, items=ITEMS, direction="growth", target=0.99)
    known, rounds = None, 0
    while True:
        piece = Piece(request, known, shape)
        work = piece.watched(piece.left.steps(tiny))
        rounds += 1
        try:
            while (news := piece.news()) is None:
                next(work)
        except StopIteration as end:
            whole = piece.finished(end.value)
            break
        work.close()  # after each step
        known = news
    assert rounds == len(at_once.steps) + 1 > 1
    found = orjson.loads(whole.found)
    told = orjson.loads(orjson.dumps(at_once.to_dict()))
    assert found | {"passes": None} == told | {"passes": None}
    members = {(head.layer, head.head) for head in at_once.heads}
    assert {tuple(place) for place in np.argwhere(whole.scores).tolist()} == members


def test_a_test_of_a_circuit_gives_the_effect_of_each_head(tiny: Model) -> None:
    heads = ("L0H0", "L1H1")
    fields = {"name": "circuit", "heads": heads, "measures": ("minimality",), "random": 0}
    run = RunRequest.model_validate({"task": "mine", "items": GIVEN, "analysis": fields})
    piece = Piece(run.of_items(), None, (tiny.n_layers, tiny.n_heads))
    work = piece.watched(piece.left.steps(tiny))
    while piece.news() is None:
        next(work)
    whole = piece.finished(drain(work))
    needed = orjson.loads(whole.found)["minimality"]["heads"]
    for each in needed:
        place = each["head"]["layer"], each["head"]["head"]
        assert whole.scores[place] == pytest.approx(each["effect"])
    assert np.count_nonzero(whole.scores) == 2


def test_what_cannot_be_asked_together_is_refused() -> None:
    with pytest.raises(ValidationError, match="target"):
        asked(target=2.0)
    with pytest.raises(ValidationError, match="seed is the run's own"):
        asked(seed=3)
    with pytest.raises(ValidationError, match="200"):
        RunRequest.model_validate({"task": "ioi", "n": 201, "analysis": SEARCH})
    with pytest.raises(ValidationError, match="circuit_search"):
        RunRequest.model_validate({"task": "ioi", "analysis": {"name": "tokenize"}})
