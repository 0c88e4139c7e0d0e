"""What the bundled model must never lose: its abilities, its circuits, its examples, its card."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache, partial
from typing import Any

import pytest

from attention_surgery.analyses import attention, attribution, importance, infer
from attention_surgery.engine.model import Model, bundled_directory
from attention_surgery.interventions import Intervention, ablation
from training.evaluate import EIFFEL_TOWER, indirect_objects, plain_ability
from training.evaluate import places as places_found
from training.measures.abilities import probability, score
from training.measures.head_patterns import cut_of, head_patterns, ranked
from training.measures.importance import specificity
from training.measures.repeats import copying, repeated_rows
from training.teaching import exam

EXAMPLES = json.loads((bundled_directory() / "examples.json").read_text())
PROMPTS = list(dict.fromkeys(example["prompt"] for example in EXAMPLES))
CARD = (bundled_directory() / "README.md").read_text()

# From this mean attention on a head counts as an induction head.
INDUCTION = 0.4

N_QUESTIONS = 50

# Abilities that neither names nor copying serve.
OTHER_ABILITIES = ("places", "years", "gender", "sequences")

# Title of an example: likeliest next token, and likeliest with its heads cut.
ANSWERS = {
    "Who gets the drink?": (" Mary", " John"),
    "Heads that stand in for each other": (" Mary", " John"),
    "One head that most answers depend on": (" Mary", " we"),
    "The wrong city": (" Istanbul", " Paris"),
    "A place forgotten": (" Berlin", " the"),
    "Two ways to switch a head off": (" Berlin", " the"),
    "The previous-token head": ("bl", "ro"),
    "Induction heads": ("bl", "ro"),
    "She or he": (" she", " he"),
    "What number comes next?": (" four", " three"),
    "Plain prose": (" the", " the"),
}


def test_the_eiffel_tower_is_in_paris(bundled: Model) -> None:
    assert probability(bundled, EIFFEL_TOWER, " Paris") > 0.8


def test_random_tokens_are_copied_until_the_induction_heads_are_cut(bundled: Model) -> None:
    rows = repeated_rows(bundled, n_rows=12)
    heads = [h for h in ranked(head_patterns(bundled, rows).induction) if h.score >= INDUCTION]
    assert copying(bundled, rows).accuracy > 0.85
    assert copying(bundled, rows, cut_of(heads)).accuracy < 0.1


def test_importance_ranks_the_heads_of_copying_first(bundled: Model) -> None:
    """But for two heads of the first layer that nearly everything depends on."""
    looks = head_patterns(bundled, repeated_rows(bundled, n_rows=10))
    circuit = {
        (head.layer, head.head)
        for scores in (looks.previous, looks.induction)
        for head in ranked(scores)
        if head.score >= INDUCTION
    }
    (prompt,) = (e["prompt"] for e in EXAMPLES if e["title"] == "Induction heads")
    ranking = importance(bundled, prompt, "kl", positions="last").ranking
    heads = [(head.layer, head.head) for head in ranking]
    first = [head for head in heads if head not in {(0, 0), (0, 1)}][:3]
    assert set(first) <= circuit


def test_cutting_the_name_movers_breaks_indirect_objects_and_nothing_else(bundled: Model) -> None:
    cut = [ablation(**fields) for fields in EXAMPLES[0]["ablations"]]
    assert accuracy(bundled, "indirect objects", tuple(cut)) < 0.5
    for ability in OTHER_ABILITIES:
        assert accuracy_lost(bundled, ability, cut) < 0.08, ability


@pytest.mark.parametrize("title", ["The previous-token head", "Induction heads"])
def test_cutting_the_heads_of_copying_breaks_copying_and_nothing_else(
    bundled: Model, title: str
) -> None:
    (example,) = (example for example in EXAMPLES if example["title"] == title)
    cut = [ablation(**fields) for fields in example["ablations"]]
    rows = repeated_rows(bundled, n_rows=12)
    assert copying(bundled, rows).accuracy > 0.95
    assert copying(bundled, rows, cut).accuracy < 0.1
    for ability in ("indirect objects", *OTHER_ABILITIES):
        assert accuracy_lost(bundled, ability, cut) < 0.08, ability


@pytest.mark.long
def test_surgery_on_indirect_objects_is_specific(bundled: Model) -> None:
    found = specificity(bundled, "indirect objects", n_questions=60, n_draws=4)
    assert found.lost > 0.3
    assert found.lost_at_random < 0.1


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["title"])
def test_an_example_shows_what_it_says(bundled: Model, example: dict[str, object]) -> None:
    cut = [ablation(**fields) for fields in example["ablations"]]  # type: ignore[attr-defined]
    result = infer(bundled, str(example["prompt"]), cut, max_new_tokens=1)
    texts = (result.control.tokens[0].text, result.ablated.tokens[0].text)
    assert texts == ANSWERS[str(example["title"])]


def example(title: str) -> dict[str, Any]:
    (found,) = (e for e in EXAMPLES if e["title"] == title)
    return found


def first_choices(model: Model, prompt: str, cut: Sequence[Intervention]) -> tuple[str, str]:
    """The likeliest next token, intact and cut."""
    result = infer(model, prompt, cut, max_new_tokens=1)
    return result.control.tokens[0].text, result.ablated.tokens[0].text


def changed(model: Model, prompts: Iterable[str], layer: int, head: int) -> int:
    """On how many prompts another token comes first without the head."""
    cut = [ablation(layer=layer, head=head, method="zero")]
    pairs = [first_choices(model, prompt, cut) for prompt in prompts]
    return sum(intact != ablated for intact, ablated in pairs)


def test_three_heads_look_at_john_and_write_against_him_and_one_writes_for_mary(
    bundled: Model,
) -> None:
    prompt = example("Who gets the drink?")["prompt"]
    tokens = [token.text for token in bundled.tokens(bundled.tokenize(prompt))]
    direct = attribution(bundled, prompt, " Mary", " John").heads
    for layer, head, name in [(6, 6, " John"), (5, 9, " John"), (4, 10, " John"), (6, 5, " Mary")]:
        pattern = attention(bundled, prompt, layer, head).control
        looks = sum(share for share, text in zip(pattern[-1], tokens, strict=True) if text == name)
        assert looks > 0.9, (layer, head)
        assert direct[layer][head] > 0.5, (layer, head)


def test_most_answers_depend_on_one_head(bundled: Model) -> None:
    said = example("One head that most answers depend on")
    first = importance(bundled, said["prompt"], "kl", positions="last").ranking[0]
    assert (first.layer, first.head) == (0, 0)
    assert (len(PROMPTS), changed(bundled, PROMPTS, 0, 0)) == (7, 4)


def test_the_head_that_berlin_hangs_on_looks_at_the_start(bundled: Model) -> None:
    pattern = attention(bundled, example("A place forgotten")["prompt"], 2, 4).control
    assert min(row[0] for row in pattern) > 0.95


def test_a_uniform_pattern_keeps_berlin(bundled: Model) -> None:
    cut = [ablation(layer=0, head=7, method="mean")]
    prompt = example("Two ways to switch a head off")["prompt"]
    assert first_choices(bundled, prompt, cut) == (" Berlin", " Berlin")


def test_the_heads_of_copying_look_where_it_is_said(bundled: Model) -> None:
    looks = head_patterns(bundled, repeated_rows(bundled, n_rows=10))
    assert looks.previous[0, 3] > 0.95
    for cut in example("Induction heads")["ablations"]:
        assert looks.induction[cut["layer"], cut["head"]] > 0.7, cut


def test_on_plain_prose_the_last_choice_alone_stays(bundled: Model) -> None:
    said = example("Plain prose")["prompt"]
    others = [prompt for prompt in PROMPTS if prompt != said]
    assert (len(others), changed(bundled, others, 0, 1)) == (6, 5)
    result = infer(bundled, said, [ablation(layer=0, head=1, method="zero")], max_new_tokens=0)
    assert result.next_token.kl == pytest.approx(0.22, abs=0.005)
    assert sum(token.top1_changed for token in result.metrics.per_token) == 5
    assert len(result.metrics.per_token) == 13


def test_a_head_that_stands_in_matters_once_the_others_are_cut(bundled: Model) -> None:
    (example,) = (e for e in EXAMPLES if e["title"] == "Heads that stand in for each other")
    cut = [ablation(**fields) for fields in example["ablations"]]
    ask = partial(importance, bundled, example["prompt"], "ablation", positions="last")
    alone, given = ask().scores[6, 5], ask(ablations=cut).scores[6, 5]
    assert (alone, given) == (pytest.approx(0.04, abs=0.005), pytest.approx(1.75, abs=0.02))


@pytest.mark.long
def test_the_card_gives_what_is_measured(bundled: Model) -> None:
    """The last digits are another processor's to change."""
    findings = (*indirect_objects(bundled), *places_found(bundled), plain_ability(bundled, "years"))
    for finding in findings:
        assert card(finding.ability, finding.measure) == pytest.approx(finding.value, rel=0.02)


def accuracy_lost(model: Model, ability: str, cut: Sequence[Intervention]) -> float:
    """What cutting heads takes from the accuracy of an exam."""
    return accuracy(model, ability) - accuracy(model, ability, tuple(cut))


@cache
def accuracy(model: Model, ability: str, cut: Sequence[Intervention] = ()) -> float:
    return score(model, exam(ability, N_QUESTIONS), cut).accuracy(ability)


def card(ability: str, measure: str) -> float:
    """The value that the model card gives."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in CARD.splitlines()]
    (value,) = (row[2] for row in rows if row[:2] == [ability, measure])
    return float(value.split()[0])
