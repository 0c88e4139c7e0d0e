"""Path patching equals two hooked passes of a stock model for each path, written out here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch
from torch import Tensor
from transformer_lens import HookedTransformer

from attention_surgery.analyses import Paths, PathsRequest, patching, paths
from attention_surgery.analyses.paths import PathsProgress
from attention_surgery.engine.model import Model, load_model
from attention_surgery.engine.sites import Receiver, Sender
from attention_surgery.errors import InvalidPrompt, InvalidSetting, UnknownHead
from attention_surgery.interventions import Intervention, parse
from tests.engine.induction_circuit import (
    INDUCTION_HEAD,
    PREVIOUS_TOKEN_HEAD,
    save_induction_circuit,
)
from tests.engine.naive import naive_hooks
from tests.engine.test_model import PROMPT

Stock = Callable[[Model], HookedTransformer]
CORRUPT = "When John and Mary went to the store, Mary gave a drink to"
LATE = "When Mary and John went to the store, Mary gave a drink to"  # differs at one place
OTHER = "When Anna and Peter went to the shop, Peter gave a book to"
CONTRAST = {"answer": " Mary", "foil": " John"}
CUTS: dict[str, list[Intervention]] = {
    "as it is": [],
    "cut": [
        parse("L1H2"),
        parse("L2H1m*0.5"),
        parse("L1H0p"),
        parse("L2H0p"),
        parse("M1*0.5@3-9"),
        parse("L0H3r", source=OTHER),
    ],
}


class Naive:
    """The definition, two hooked passes a path."""

    def __init__(
        self, model: Model, stock: HookedTransformer, corrupt: str, cuts: Sequence[Intervention]
    ) -> None:
        self.model, self.stock = model, stock
        self.ids = model.tokenize(PROMPT)
        self.cuts = partial(naive_hooks, stock, cuts, len(self.ids), model.tokenize)
        with torch.no_grad():
            (self.clean_logits, self.clean), (self.corrupt_logits, self.corrupt) = (
                self._cached(ids) for ids in (self.ids, model.tokenize(corrupt))
            )

    def _cached(self, ids: list[int]) -> Any:
        with self.stock.hooks(fwd_hooks=self.cuts()):
            return self.stock.run_with_cache(torch.tensor([ids]))

    def run(self, hooks: list[Any]) -> Tensor:
        with torch.no_grad():
            logits: Tensor = self.stock.run_with_hooks(
                torch.tensor([self.ids]), fwd_hooks=[*self.cuts(), *hooks]
            )
        return logits

    def logits(self, sender: Sender, receivers: Sequence[Receiver]) -> Tensor:
        """With the paths from the sender to these inputs patched, or to the logits if none."""

        def freeze(z: Tensor, hook: Any) -> Tensor:
            z[:] = self.clean[hook.name]
            if hook.layer() == sender.layer:
                z[:, :, sender.head] = self.corrupt[hook.name][:, :, sender.head]
            return z

        seen: dict[str, Tensor] = {}

        def keep(value: Tensor, hook: Any) -> None:
            seen[hook.name] = value.clone()

        def put(value: Tensor, hook: Any, head: int) -> Tensor:
            value[:, :, head] = seen[hook.name][:, :, head]
            return value

        points = [f"blocks.{layer}.attn.hook_z" for layer in range(self.model.n_layers)]
        inputs = [f"blocks.{r.layer}.attn.hook_{r.input}" for r in receivers]
        kept = [(name, keep) for name in dict.fromkeys(inputs)]
        direct = self.run([*((point, freeze) for point in points), *kept])
        if not receivers:
            return direct
        return self.run(
            [(n, partial(put, head=r.head)) for n, r in zip(inputs, receivers, strict=True)]
        )

    def metric(self, logits: Tensor, name: str, position: int = -1) -> float:
        if name == "loss":
            loss = torch.nn.functional.cross_entropy
            return loss(logits[0, :-1].double(), torch.tensor(self.ids[1:])).item()
        answer, foil = (
            self.model.tokenize(text, prepend_bos=False)[0] for text in CONTRAST.values()
        )
        return (logits[0, position, answer] - logits[0, position, foil]).item()

    def effect(
        self,
        sender: Sender,
        receivers: Sequence[Receiver | Literal["logits"]],
        name: str,
        position: int,
    ) -> float:
        above = [r for r in receivers if isinstance(r, Receiver) and r.layer > sender.layer]
        if not above and "logits" not in receivers:
            return 0.0
        patched = self.metric(self.logits(sender, above), name, position)
        return patched - self.metric(self.clean_logits, name, position)


def assert_equals_hooked_passes(
    naive: Naive, found: Paths, position: int = -1, *, every: int = 1
) -> None:
    """Of each receiver, and of each sender, every so many paths."""
    largest = float(abs(found.effects).max())
    assert largest > 2e-4
    close = 1e-4 * max(largest, 0.02 if found.metric == "loss" else 0.2)
    rows = [found.receivers] if found.together else [[r] for r in found.receivers]
    for row, receivers in enumerate(rows):
        for column, sender in list(enumerate(found.senders))[row % every :: every]:
            expected = naive.effect(sender, receivers, found.metric, position)
            effect = found.effects[row, column]
            assert effect == pytest.approx(expected, abs=close), (
                sender,
                receivers,
            )


@pytest.mark.parametrize(("cuts", "corrupt"), [("as it is", CORRUPT), ("cut", LATE)])
def test_every_path_equals_hooked_passes(
    tiny: Model, stock: Stock, cuts: str, corrupt: str
) -> None:
    found = paths(
        tiny, PROMPT, corrupt, receivers=["all", "logits"], ablations=CUTS[cuts], **CONTRAST
    )
    assert found.effects.shape == (2 * 4 * 3 + 1, 12)
    assert_equals_hooked_passes(Naive(tiny, stock(tiny), corrupt, CUTS[cuts]), found, every=3)


@pytest.mark.parametrize("cuts", CUTS)
def test_receivers_patched_together_equal_hooked_passes(
    tiny: Model, stock: Stock, cuts: str
) -> None:
    receivers = ["L2H3q", "L1H0v", "L2H1k", "L1H3k", "L2H3v", "L1H2q"]
    asked = {"receivers": receivers, "together": True, "ablations": CUTS[cuts]} | CONTRAST
    found = paths(tiny, PROMPT, LATE, **asked)
    assert found.effects.shape == (1, 12)
    assert_equals_hooked_passes(Naive(tiny, stock(tiny), LATE, CUTS[cuts]), found)


@pytest.mark.parametrize("together", [False, True])
def test_a_metric_of_the_whole_text_equals_hooked_passes(
    tiny: Model, stock: Stock, together: bool
) -> None:
    receivers = ["L1H1v", "L2H2k", *["logits"] * (not together)]
    found = paths(
        tiny, PROMPT, LATE, metric="loss", receivers=receivers, together=together, senders=["L0H1"]
    )
    assert_equals_hooked_passes(Naive(tiny, stock(tiny), LATE, []), found)


def test_a_position_and_chosen_senders(tiny: Model, stock: Stock) -> None:
    senders = ["L1H3", (0, 2), {"layer": 0, "head": 0}]
    found = paths(
        tiny, PROMPT, CORRUPT, senders=senders, receivers=["L2H0k"], position=6, **CONTRAST
    )
    assert found.senders == [Sender(1, 3), Sender(0, 2), Sender(0, 0)]
    assert_equals_hooked_passes(Naive(tiny, stock(tiny), CORRUPT, []), found, 6)


def test_a_sample_on_every_shape_equals_hooked_passes(any_model: Model, stock: Stock) -> None:
    """The loop in double precision: what it loses in single exceeds what is asked here."""
    last = any_model.n_layers - 1
    senders = [(0, 1), (1, 3), (last - 1, 0)]
    receivers = ["logits", f"L{last}H2q", f"L{last}H0v", "L1H1k"]
    found = paths(any_model, PROMPT, LATE, senders=senders, receivers=receivers, **CONTRAST)
    assert_equals_hooked_passes(
        Naive(any_model, deepcopy(stock(any_model)).double(), LATE, []), found
    )


def test_one_row_at_a_time_gives_the_same(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {"receivers": ["all", "logits"], **CONTRAST}
    whole = paths(tiny, PROMPT, LATE, **asked)
    together = paths(tiny, PROMPT, LATE, receivers=["all"], together=True, **CONTRAST)
    monkeypatch.setattr("attention_surgery.engine.shape.SLICE_TOKENS", 1)
    np.testing.assert_allclose(paths(tiny, PROMPT, LATE, **asked).effects, whole.effects, atol=1e-6)
    again = paths(tiny, PROMPT, LATE, receivers=["all"], together=True, **CONTRAST)
    np.testing.assert_allclose(again.effects, together.effects, atol=1e-6)


def test_the_same_prompt_twice_has_no_effect(tiny: Model) -> None:
    found = paths(tiny, PROMPT, PROMPT, receivers=["all", "logits"], **CONTRAST)
    assert not found.effects.any()
    assert found.shares is None
    assert "hardly tells the prompts apart" in found.warnings[0]


def test_progress_tells_every_row_and_ends_at_one(tiny: Model) -> None:
    asked = PathsRequest.ask(prompt=PROMPT, corrupt=LATE, receivers=("all", "logits"), **CONTRAST)
    found = asked.run(tiny)
    seen = np.full(found.effects.shape, np.nan, np.float32)
    for step in asked.steps(tiny):
        if isinstance(step, PathsProgress):
            seen[step.rows] = step.effects
            last = step
    np.testing.assert_array_equal(seen, found.effects)
    assert last.share == pytest.approx(1)
    assert found.passes.naive == 2 + 12 * (2 * 24 + 1)
    assert found.passes.computed < found.passes.naive / 3


def circuit(folder: Path, eps: float = 1e-5) -> Model:
    return load_model(save_induction_circuit(folder / f"circuit-{eps}", eps), device="cpu")


def test_on_the_hand_set_circuit_one_path_carries_all(tmp_path: Path) -> None:
    """The previous-token head tells the induction head's keys what came before, and that head the
    logits; nobody else tells anyone anything."""
    clean, corrupt = "k d s a v b m q t k d", "k c s a v b m q t k d"
    model = circuit(tmp_path)
    found = paths(model, clean, corrupt, "s", "a", receivers=["all", "logits"])
    assert found.clean > 10
    assert abs(found.corrupt) < 1
    shares = {
        (str(sender), str(receiver)): float(found.shares[row, column])
        for row, receiver in enumerate(found.receivers)
        for column, sender in enumerate(found.senders)
        if found.shares is not None
    }
    (l0, h0), (l1, h1) = PREVIOUS_TOKEN_HEAD, INDUCTION_HEAD
    assert shares.pop((f"L{l0}H{h0}", f"L{l1}H{h1}k")) > 0.95
    assert shares.pop((f"L{l1}H{h1}", "logits")) > 0.95
    assert max(map(abs, shares.values())) < 0.01


def test_where_the_model_is_linear_the_paths_sum_to_the_patch(tmp_path: Path) -> None:
    """With linear LayerNorms, what a head tells the logits and all heads above is its patch."""
    clean, corrupt = "k d s a v b m q t k d", "k c s a v b m q t c d"
    model = circuit(tmp_path, eps=1e6)
    asked = {"answer": "s", "foil": "a"}
    direct = paths(model, clean, corrupt, receivers=["logits"], **asked)
    above = paths(model, clean, corrupt, receivers=["all"], together=True, **asked)
    whole = patching(model, clean, corrupt, direction="noise", **asked)
    sums = (direct.effects + above.effects).reshape(2, 4)
    change = whole.values - whole.clean
    np.testing.assert_allclose(sums, change, atol=1e-5 * float(abs(change).max()))
    assert abs(change[PREVIOUS_TOKEN_HEAD]) > 1


@pytest.mark.parametrize(
    ("fields", "error", "sentence"),
    [
        ({"receivers": ["L9H1q"]}, UnknownHead, "no head L9H1"),
        ({"senders": ["L0H7"]}, UnknownHead, "no head L0H7"),
        ({"receivers": ["L0H1q"]}, InvalidSetting, "No path leads"),
        ({"receivers": ["L1H1"]}, InvalidSetting, "receivers"),
        ({"receivers": []}, InvalidSetting, "receivers"),
        ({"receivers": ["L1H1q", "logits"], "together": True}, InvalidSetting, "own"),
        ({"metric": "kl", "answer": None, "foil": None}, InvalidSetting, "no value of one run"),
        ({"corrupt": PROMPT + " the"}, InvalidPrompt, "same number of tokens"),
        ({"answer": " Mary John"}, InvalidSetting, "its first token, ' Mary', can stand for it"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    tiny: Model, fields: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        paths(tiny, **{"prompt": PROMPT, "corrupt": CORRUPT} | CONTRAST | fields)


def test_hooks_are_refused(tiny: Model) -> None:
    tiny.hooked.add_hook("blocks.1.attn.hook_z", lambda z, hook: z)  # noqa: ARG005
    try:
        with pytest.raises(InvalidSetting, match="path patching freezes what they act on"):
            paths(tiny, PROMPT, CORRUPT, **CONTRAST)
    finally:
        tiny.hooked.reset_hooks()
