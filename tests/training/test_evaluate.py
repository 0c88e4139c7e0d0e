"""Measures are right where the answer is known: by hand, by arithmetic, or by TransformerLens."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from jaxtyping import Int
from torch import Tensor

from attention_surgery.analyses import HeadScore, paths
from attention_surgery.engine.model import BUNDLED_NAME, Model, load_model
from attention_surgery.errors import UnknownHead
from attention_surgery.interventions import ablation
from tests.engine.induction_circuit import (
    INDUCTION_HEAD,
    PREVIOUS_TOKEN_HEAD,
    save_induction_circuit,
)
from training.circuits.cutting import Effect
from training.circuits.head_kinds import Kind
from training.circuits.tables import loss
from training.evaluate import held_out_books
from training.findings import Bar, Finding, findings_table
from training.measures.abilities import answers, first_token, probability, score
from training.measures.causes import causes, swapped
from training.measures.english import EXCERPT_CHARACTERS, bits_per_byte, excerpt
from training.measures.forward import next_token_logits
from training.measures.head_patterns import cut_of, head_patterns, ranked
from training.measures.importance import mean_importance, random_cuts
from training.measures.name_movers import contributions, mark_name
from training.measures.repeats import copying, repeated_rows
from training.teaching import Question, exam

PERIOD = 11


@pytest.fixture(scope="module")
def circuit(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Induction, set by hand."""
    return load_model(save_induction_circuit(tmp_path_factory.mktemp("by hand") / "circuit"))


@pytest.fixture(scope="module")
def rows() -> Int[Tensor, "row pos"]:
    """Distinct tokens told twice, as the circuit can copy them."""
    generator = torch.Generator().manual_seed(0)
    orders = [torch.randperm(23, generator=generator)[:PERIOD] + 1 for _ in range(8)]
    return torch.stack([torch.cat([torch.zeros(1, dtype=torch.long), o, o]) for o in orders])


def test_an_induction_circuit_copies_and_its_heads_are_found(
    circuit: Model, rows: Int[Tensor, "row pos"]
) -> None:
    assert copying(circuit, rows).accuracy == 1
    looks = head_patterns(circuit, rows)
    for scores, head in ((looks.induction, INDUCTION_HEAD), (looks.previous, PREVIOUS_TOKEN_HEAD)):
        best = ranked(scores)[0]
        assert (best.layer, best.head) == head
        assert best.score > 0.95


def test_without_its_previous_token_head_it_copies_nothing(
    circuit: Model, rows: Int[Tensor, "row pos"]
) -> None:
    cut = [ablation(*PREVIOUS_TOKEN_HEAD)]
    assert copying(circuit, rows, cut).accuracy < 0.3
    assert head_patterns(circuit, rows, cut).induction[INDUCTION_HEAD] < 0.3


def test_repeated_rows_repeat_and_never_hold_the_beginning_of_text(bundled: Model) -> None:
    rows = repeated_rows(bundled, period=7, n_rows=50)
    assert rows.shape == (50, 15)
    assert torch.equal(rows[:, 1:8], rows[:, 8:])
    assert (rows[:, 0] == bundled.bos_id).all()
    assert (rows[:, 1:] != bundled.bos_id).all()
    assert torch.equal(rows, repeated_rows(bundled, period=7, n_rows=50))


def test_bits_per_byte_of_a_uniform_model_are_those_of_its_vocabulary() -> None:
    uniform = load_model(BUNDLED_NAME, device="cpu")
    uniform.weights.embed.zero_()
    text = "It was a bright cold day – and the clocks were striking. " * 20
    tokens = len(uniform.tokenize(text, prepend_bos=False))
    expected = math.log2(uniform.d_vocab) * tokens / len(text.encode())
    assert bits_per_byte(uniform, [text]) == pytest.approx(expected)


def test_an_excerpt_is_the_middle_of_its_book() -> None:
    book = "a" * 5000 + "b" * EXCERPT_CHARACTERS + "c" * 5000
    assert excerpt(book) == "b" * EXCERPT_CHARACTERS
    assert excerpt("short") == "short"


def test_answers_in_a_batch_equal_answers_alone(bundled: Model) -> None:
    questions = exam("indirect objects", 5) + exam("places", 5)
    cut = [ablation(0, 3), ablation(5, 1, "mean")]
    alone = torch.cat([answers(bundled, [question], cut) for question in questions])
    assert torch.allclose(answers(bundled, questions, cut), alone, atol=1e-4)


def test_answers_equal_those_of_transformer_lens(bundled: Model) -> None:
    questions = exam("years", 3)
    for question, logits in zip(questions, answers(bundled, questions), strict=True):
        stock = bundled.hooked(torch.tensor([bundled.tokenize(question.prompt)]))[0, -1]
        assert torch.allclose(logits, stock, atol=1e-4)


def test_marks_count_what_the_model_says(circuit: Model) -> None:
    right = Question("a b c d a b", " c", foil=" d")
    wrong = Question("a b c d a b", " d", foil=" c")
    lenient = Question("a b c d a b", " d", accepted=frozenset({" d", " c"}))
    assert score(circuit, [right, wrong]).top1 == 0.5
    assert score(circuit, [right, wrong]).preferred == 0.5
    assert score(circuit, [right, wrong]).logit_difference == pytest.approx(0, abs=1e-4)
    assert score(circuit, [right]).logit_difference > 5
    assert score(circuit, [lenient]).top1 == 1
    assert score(circuit, [lenient]).preferred is None
    assert probability(circuit, right.prompt, right.answer) > 0.9


def test_a_refused_cut_and_a_measured_one_leave_no_hook(bundled: Model) -> None:
    questions = exam("places", 2)
    before = answers(bundled, questions)
    with pytest.raises(UnknownHead):
        score(bundled, questions, [ablation(99, 0)])
    score(bundled, questions, [ablation(0, 0)])
    head_patterns(bundled, repeated_rows(bundled, n_rows=2), [ablation(0, 0)])
    assert torch.equal(answers(bundled, questions), before)


def test_contributions_equal_the_attribution_of_transformer_lens(bundled: Model) -> None:
    question = exam("indirect objects", 1)[0]
    ids = torch.tensor([bundled.tokenize(question.prompt)])
    _, cache = bundled.hooked.run_with_cache(ids)
    heads = cache.stack_head_results(pos_slice=-1)
    scaled = cache.apply_ln_to_stack(heads, layer=-1, pos_slice=-1)[:, 0]
    tokens = [first_token(bundled, text) for text in (question.answer, question.foil)]
    unembedding = bundled.hooked.W_U[:, tokens]
    expected = (scaled * bundled.hooked.ln_final.w) @ (unembedding[:, 0] - unembedding[:, 1])
    found = contributions(bundled, [question])[0].flatten()
    assert torch.allclose(found, expected, atol=1e-4)


def test_what_feeds_a_head_and_who_moves_are_means_over_prompts(bundled: Model) -> None:
    """Prompts of one template, so that the means can be made from single ones."""
    asked = [
        Question(f"When {a} and {b} went to the store, {b} gave a drink to", f" {a}", f" {b}")
        for a, b in (("Mary", "John"), ("Anna", "Peter"))
    ]
    assert swapped(asked[0]) == "When John and Mary went to the store, Mary gave a drink to"
    mover = HeadScore(6, 6, 0.0)
    found = causes(bundled, asked, mover, [mover])
    single = [
        paths(bundled, q.prompt, swapped(q), q.answer, q.foil, ["L6H6q", "L6H6k"]) for q in asked
    ]
    contrast = sum(each.clean - each.corrupt for each in single)
    for row, name in enumerate("qk"):
        expected = -sum(each.effects[row] for each in single) / contrast
        torch.testing.assert_close(
            found.feeds[name].flatten(), torch.tensor(expected), atol=1e-5, rtol=1e-4
        )
    ((_, cut),) = found.cuts
    parts = cut.direct + cut.heads.sum().item() + cut.mlps + cut.layer_norm
    assert cut.total == pytest.approx(parts, abs=1e-5)
    without, whole = (score(bundled, asked, heads) for heads in (cut_of([mover]), []))
    assert cut.total == pytest.approx(without.logit_difference - whole.logit_difference, abs=1e-3)


def test_a_name_is_marked_wherever_it_ends(circuit: Model) -> None:
    assert mark_name(circuit, "a b cab a b", " a", 8).tolist() == [0, 1, 0, 0, 1, 0, 0, 0]


def test_the_heads_that_matter_to_an_induction_circuit_are_its_own(circuit: Model) -> None:
    questions = [Question("a b c d a b", " c"), Question("k l m n k l", " m")]
    top = ranked(mean_importance(circuit, questions))[:2]
    assert {(head.layer, head.head) for head in top} == {PREVIOUS_TOKEN_HEAD, INDUCTION_HEAD}
    assert score(circuit, questions, cut_of(top)).top1 == 0


def test_random_cuts_are_distinct_heads_and_the_same_every_time(bundled: Model) -> None:
    draws = random_cuts(bundled, n_draws=4)
    assert all(len(set(draw)) == 5 for draw in draws)
    assert draws == random_cuts(bundled, n_draws=4)
    assert draws[0] != draws[1]


def test_a_bar_is_held_against_the_unrounded_value() -> None:
    assert Bar(0.95).met(0.95)
    assert not Bar(0.95).met(0.9499)
    assert Bar(1.72, is_upper=True).met(1.71)
    assert Finding("a", "b", 0.9499, Bar(0.95), decimals=2).cells()[2:] == ("0.95", "≥ 0.95", "no")


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    unread = Finding("English", "bits per byte", None, Bar(1.72, is_upper=True))
    table = findings_table([unread], markdown=True)
    assert table.splitlines()[0].startswith("| ability | measure ")
    assert "| not measured | ≤ 1.72 |      |" in table


def test_a_missing_corpus_is_named_in_a_sentence(tmp_path: Path) -> None:
    assert held_out_books(None) == ([], "English was not measured: name the books with --corpus.")
    books, remark = held_out_books(tmp_path / "nowhere")
    assert not books
    assert "nowhere" in remark


def test_the_page_says_when_a_kind_of_head_does_not_exist() -> None:
    none, one = torch.zeros(2, 2), torch.tensor([[0.0, 0.8], [0.1, 0.0]])
    assert Kind("induction", "look back", none).sentence().startswith("**No induction heads**")
    sentence = Kind("induction", "look back", one).sentence()
    assert sentence == "**Induction heads** look back: the strongest is L0H1 (0.80)."


def test_the_page_names_the_ability_that_suffers_most() -> None:
    whole = Effect("nothing", 0, {"places": 0.9, "lists": 0.8})
    broken = Effect("induction heads", 2, {"places": 0.9, "lists": 0.1})
    assert loss(broken, whole).endswith("lists suffers most: 0.80 → 0.10.")
    assert "no accuracy falls" in loss(whole, whole)


def test_an_empty_cut_changes_no_logit(bundled: Model) -> None:
    prompts = [[0, 5, 6], [0, 7]]
    assert torch.equal(next_token_logits(bundled, prompts, []), next_token_logits(bundled, prompts))
