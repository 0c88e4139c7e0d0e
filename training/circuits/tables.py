"""Tables and sentences of docs/bundled-model.md."""

from __future__ import annotations

from collections.abc import Iterable

from attention_surgery.interventions import head_name
from benchmarks.measure import table
from training.circuits.cutting import Effect
from training.circuits.head_kinds import scored
from training.circuits.survey import CircuitMap
from training.measures.head_patterns import ranked
from training.measures.importance import TOP

# A smaller change of an accuracy is not worth a sentence.
NOTABLE = 0.05


def bullets(sentences: Iterable[str]) -> str:
    """A Markdown list."""
    return "\n".join(f"* {sentence}" for sentence in sentences)


def strongest(circuits: CircuitMap) -> str:
    """The heads with the largest scores, one column for each kind."""
    columns = [[scored(head) for head in ranked(kind.scores)[:TOP]] for kind in circuits.kinds]
    rows = [[str(place), *row] for place, row in enumerate(zip(*columns, strict=True), 1)]
    return table(["", *(kind.name for kind in circuits.kinds)], rows)


def name_movers(circuits: CircuitMap) -> str:
    """What the strongest name movers write and where they look."""
    movers = circuits.movers
    looks = (movers.to_answer, movers.to_foil, movers.to_start)
    rows = [
        [
            head_name(head.layer, head.head),
            f"{head.score:+.2f}",
            *(f"{look[head.layer, head.head]:.2f}" for look in looks),
        ]
        for head in ranked(movers.writes)[:TOP]
    ]
    header = ["head", "writes, logits", "looks at the answer", "the other name", "beginning"]
    return table(header, rows)


def mover_reads(circuits: CircuitMap) -> str:
    """Which of the two names the strongest name mover looks at, and so how it writes the answer."""
    movers, best = circuits.movers, ranked(circuits.movers.writes)[0]
    head, at = head_name(best.layer, best.head), (best.layer, best.head)
    if movers.to_answer[at] >= movers.to_foil[at]:
        return f"{head} looks at the answer ({movers.to_answer[at]:.2f}) and copies it."
    return (
        f"{head} looks at the other name ({movers.to_foil[at]:.2f}) and writes against it, which "
        "leaves the answer."
    )


def against(circuits: CircuitMap) -> str:
    """The head that writes the other name most."""
    worst = ranked(circuits.movers.writes)[-1]
    if worst.score >= 0:
        return "No head writes the other name."
    return f"Most against the right name writes {scored(worst)}."


def needed(circuits: CircuitMap) -> str:
    """The heads that matter most for each ability."""
    rows = [
        [ability, *(scored(head) for head in ranked(scores)[:TOP])]
        for ability, scores in circuits.importance.items()
    ]
    return table(["ability", *map(str, range(1, TOP + 1))], rows)


def cutting(effects: list[Effect]) -> str:
    """Accuracies, a line for each group of heads."""
    rows = [
        [effect.title, str(effect.n_heads), *(f"{a:.2f}" for a in effect.accuracies.values())]
        for effect in effects
    ]
    return table(["cut", "heads", *effects[0].accuracies], rows)


def loss(effect: Effect, whole: Effect) -> str:
    """Which ability suffers most, in a sentence."""
    losses = {
        ability: whole.accuracies[ability] - accuracy
        for ability, accuracy in effect.accuracies.items()
    }
    worst = max(losses, key=lambda ability: losses[ability])
    if losses[worst] < NOTABLE:
        return f"Without the **{effect.title}** no accuracy falls by {NOTABLE:g} or more."
    return (
        f"Without the **{effect.title}**, {worst} suffers most: {whole.accuracies[worst]:.2f} → "
        f"{effect.accuracies[worst]:.2f}."
    )
