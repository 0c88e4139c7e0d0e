"""Tables and sentences of docs/bundled-model.md."""

from __future__ import annotations

from collections.abc import Iterable

from jaxtyping import Float
from torch import Tensor

from attention_surgery.analyses import HeadScore
from attention_surgery.interventions import head_name
from benchmarks.measure import table
from training.circuits.cutting import Effect
from training.circuits.head_kinds import scored
from training.circuits.survey import CircuitMap
from training.measures.causes import INPUTS, Cut
from training.measures.head_patterns import ranked
from training.measures.importance import TOP

# A smaller change of an accuracy is not worth a sentence.
NOTABLE = 0.05
# A smaller change of what a head writes, in logits, is none that stands in for another.
MOVED = 0.05


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


def receiver(circuits: CircuitMap) -> str:
    """The name of the head whose paths are traced."""
    return head_name(circuits.causes.receiver.layer, circuits.causes.receiver.head)


def feeds(circuits: CircuitMap) -> str:
    """The heads that most feed the strongest name mover, by its input."""
    rows = [
        [INPUTS[name], *(_share(head) for head in by_size(shares)[:TOP])]
        for name, shares in circuits.causes.feeds.items()
    ]
    return table(["to its", *map(str, range(1, TOP + 1))], rows)


def moves(circuits: CircuitMap) -> str:
    """What cutting each of the strongest name movers changes, and by whom."""
    rows = [
        [
            head_name(head.layer, head.head),
            *(f"{value:+.2f}" for value in (cut.total, cut.direct)),
            f"{cut.heads.sum().item():+.2f}",
            f"{cut.mlps:+.2f}",
            f"{cut.layer_norm:+.2f}",
        ]
        for head, cut in circuits.causes.cuts
    ]
    return table(["cut", "total", "direct", "later heads", "MLPs", "LayerNorm"], rows)


def stand_ins(circuits: CircuitMap) -> list[str]:
    """Which later heads write more for the answer once a head is cut, a sentence for each."""
    return [_stand_in(head_name(head.layer, head.head), cut) for head, cut in circuits.causes.cuts]


def _stand_in(name: str, cut: Cut) -> str:
    """Those whose change is against the loss; the same sign is no repair."""
    against = [head for head in by_size(cut.heads) if head.score * cut.direct < 0]
    shown = [head for head in against if abs(head.score) >= MOVED][:TOP]
    if not shown:
        return f"When {name} is cut, no later head changes by {MOVED:g} logits against the loss."
    heads = ", ".join(f"{head_name(h.layer, h.head)} ({h.score:+.2f})" for h in shown)
    return f"When {name} is cut, against the loss move {heads}."


def by_size(scores: Float[Tensor, "layer head"]) -> list[HeadScore]:
    """All heads, the largest in size first."""
    return sorted(ranked(scores), key=lambda head: -abs(head.score))


def _share(head: HeadScore) -> str:
    return f"{head_name(head.layer, head.head)} ({head.score:+.2f})"


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
