"""What is registered appears everywhere: a method and an analysis made in this file alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import pytest
from pydantic import Field

from attention_surgery import Model, circuit, infer, interventions, loading
from attention_surgery.analyses import registry
from attention_surgery.analyses.base import AblatedAnalysis, Limit
from attention_surgery.analyses.cost import Cost, Shape
from attention_surgery.analyses.result import Progress, Result
from attention_surgery.api.factory import create_app
from attention_surgery.cli import main
from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions.base import Component, Intervention, Moment
from attention_surgery.interventions.registry import unregister
from attention_surgery.settings import BUNDLED_MODEL, PREFIX, Settings
from tests.api.servers import Server, bundled_settings

if TYPE_CHECKING:
    from torch import Tensor


class FirstToken(Intervention):
    """The head attends to the first token alone."""

    letter: ClassVar[str] = "f"
    title: ClassVar[str] = "First token"
    on_heads: ClassVar[Component | None] = "pattern"
    code: ClassVar[str] = """\
def first_token(old, hook, head, weight):
    new = torch.zeros_like(old)
    new[:, 0] = 1.0 if weight == "whole" else 0.5
    return new"""

    method: Literal["first-token"] = "first-token"
    weight: Annotated[Literal["whole", "half"], Field(title="Weight")] = "whole"

    def replacement(self, old: Tensor, at: Moment) -> Tensor:  # noqa: ARG002
        new = old.new_zeros(old.shape)
        new[..., 0] = 1.0 if self.weight == "whole" else 0.5
        return new


@dataclass(frozen=True, slots=True)
class Counted(Progress):
    """Event `counted`: so many letters so far."""

    event: ClassVar[str] = "counted"

    letters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters(Result):
    """How many letters a prompt has, times a number."""

    letters: int


class LettersRequest(AblatedAnalysis[Letters]):
    """Count the letters of a prompt."""

    name: ClassVar[str] = "count_letters"
    summary: ClassVar[str] = "How many letters a prompt has"
    result: ClassVar[type[Result]] = Letters
    progress: ClassVar[tuple[type[Progress], ...]] = (Counted,)
    example: ClassVar[dict[str, Any]] = {"prompt": "Hello"}

    times: Annotated[int, Field(ge=1, description="How often."), Limit("max_top_k")] = 1

    def cost(self, _shape: Shape, _n_tokens: int) -> Cost:
        return Cost(passes=0, numbers_held=1)

    def steps(self, model: Model) -> Generator[object, None, Letters]:
        if not self.prompt:
            raise InvalidSetting("There is nothing to count: write some text.")
        return self._steps(model)

    def _steps(self, model: Model) -> Generator[object, None, Letters]:
        yield Counted(1)
        letters = len(self.prompt) * self.times
        return Letters(
            model=model.name, provenance=self.provenance(model), warnings=[], letters=letters
        )


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    interventions.register(FirstToken)
    registry.register(LettersRequest)
    yield
    registry.unregister(LettersRequest)
    unregister(FirstToken)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    started = Server(bundled_settings(frontend=tmp_path))
    started.start()
    started.wait_until_ready()
    yield started
    started.stop()


def test_rest_offers_them(server: Server) -> None:
    (method,) = [m for m in server.client.get("/models").json()["methods"] if m["letter"] == "f"]
    assert (method["name"], method["meaning"]) == (
        "first-token",
        "The head attends to the first token alone.",
    )
    assert method["parameters"][0]["choices"] == ["whole", "half"]
    assert method["stands_in"]

    cut = {"layer": 3, "head": 1, "method": "first-token", "weight": "half"}
    seen = server.post("/attention", prompt="Hello there", layer=3, head=1, ablations=[cut]).json()
    assert [row[0] for row in seen["ablated"]] == [0.5] * len(seen["prompt_tokens"])

    code = server.post("/attention/code", prompt="Hello there", ablations=[cut]).json()["code"]
    assert 'partial(cut, to=partial(first_token, weight="half"), head=1)' in code

    assert server.post("/count-letters", prompt="abc", times=2).json()["letters"] == 6
    assert server.post("/count-letters/code", prompt="abc").status_code == 404
    events = server.events("/count-letters/stream", prompt="abcd")
    assert [name for name, _ in events if name != "queued"] == ["counted", "done"]
    refused = server.post("/count-letters", prompt="abc", times=101)
    assert "times is 101: this server allows at most 100" in refused.json()["detail"]
    assert server.post("/count-letters", prompt="").json()["error"] == "InvalidSetting"


def test_the_document_describes_them() -> None:
    document = create_app(Settings()).openapi()
    assert {"/count-letters", "/count-letters/stream"} <= set(document["paths"])
    assert {"LettersRequest", "Letters", "Counted", "FirstToken"} <= set(
        document["components"]["schemas"]
    )
    assert "#/components/schemas/FirstToken" in json.dumps(
        document["components"]["schemas"]["InferRequest"]
    )


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, bundled: Model
) -> Callable[..., str]:
    def run(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["attention-surgery", *words])
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code
        return capsys.readouterr().out

    monkeypatch.setenv(f"{PREFIX}MODELS", BUNDLED_MODEL)
    monkeypatch.setattr(loading, "load_source", lambda *_: bundled)
    return run


def test_the_command_line_has_them(run: Callable[..., str]) -> None:
    assert "Count the letters of a prompt." in run("--help")
    assert "--times" in run("count-letters", "--help")
    assert json.loads(run("count-letters", "abc", "--times", "3", "--json"))["letters"] == 9
    assert "letters" in run("count-letters", "abc")
    words = ["--cut", "L3H1f", "--with", "weight=half", "--layer", "3", "--head", "1", "--json"]
    seen = json.loads(run("attention", "Hello there", *words))
    assert seen["ablated"][-1][0] == 0.5


def test_python_has_them(bundled: Model) -> None:
    cut = infer(bundled, "Hello there", ["L3H1f"], max_new_tokens=1)
    assert cut.next_token.kl > 0
    asked = {"heads": ["L0H0"], "measures": ["faithfulness"], "random": 0}
    tested = {
        method: circuit(bundled, n=2, ablation_method=method, **asked).faithfulness.ratio
        for method in ("first-token", "zero")
    }
    assert tested["first-token"] != tested["zero"]


def test_gone_they_are_refused(run: Callable[..., str]) -> None:
    unregister(FirstToken)
    registry.unregister(LettersRequest)
    try:
        with pytest.raises(InvalidSetting, match="stands for no ablation method"):
            interventions.parse("L3H1f")
        assert "/count-letters" not in create_app(Settings()).openapi()["paths"]
    finally:
        interventions.register(FirstToken)
        registry.register(LettersRequest)
