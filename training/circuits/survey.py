"""A model's circuits: kinds of heads, the heads each ability needs, and what cutting them does."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.model import Model
from training.circuits.cutting import Demonstration, Effect, Group, demonstrate, effects
from training.circuits.head_kinds import Kind, kinds
from training.circuits.task_circuits import TaskCircuit, task_circuits
from training.measures.causes import Causes, causes
from training.measures.head_patterns import head_patterns, ranked
from training.measures.importance import CHOOSING_SEED, TOP, mean_importance
from training.measures.name_movers import NameMovers, name_movers
from training.measures.repeats import repeated_rows
from training.teaching import ABILITIES, exam

# Questions that importance is averaged over, and prompts that names are traced in.
SWEEPS = 20
NAME_PROMPTS = 100
# Prompts that paths are traced in and heads cut one by one, and the name movers that are cut.
CAUSE_PROMPTS = 20
CUT_MOVERS = 3

# The ability that a kind of heads is shown on.
SHOWN_ON = {
    "previous-token": "lists",
    "induction": "lists",
    "duplicate-token": "indirect objects",
    "name-mover": "indirect objects",
}


@dataclass(frozen=True, slots=True)
class CircuitMap:
    """All that is measured.

    Args:
        kinds: previous-token, induction, duplicate-token and name-mover heads.
        movers: what heads write and where they look after indirect-object prompts.
        causes: what feeds the strongest name mover, and who moves when one is cut.
        importance: by ability, exact KL in nats of zeroing each head, after the prompt.
        effects: accuracies with nothing cut, and with each group of heads cut.
        demonstrations: a question for each group.
        of_tasks: circuits that are enough for a task.
    """

    kinds: tuple[Kind, ...]
    movers: NameMovers
    causes: Causes
    importance: dict[str, Float[Tensor, "layer head"]]
    effects: list[Effect]
    demonstrations: list[Demonstration]
    of_tasks: list[TaskCircuit]


def find_circuits(model: Model) -> CircuitMap:
    """Measure everything; some minutes for the bundled model."""
    looks = head_patterns(model, repeated_rows(model))
    movers = name_movers(model, exam("indirect objects", NAME_PROMPTS))
    importance = {
        ability.name: mean_importance(model, exam(ability.name, SWEEPS, CHOOSING_SEED))
        for ability in ABILITIES
    }
    found = kinds(looks, movers)
    groups = [
        Group(f"{kind.name} heads", SHOWN_ON[kind.name], kind.heads[:TOP])
        for kind in found
        if kind.heads
    ]
    groups += [
        Group(f"top KL heads for {ability}", ability, ranked(importance[ability])[:TOP])
        for ability in ("indirect objects", "places")
    ]
    return CircuitMap(
        kinds=found,
        movers=movers,
        causes=causes(
            model,
            exam("indirect objects", CAUSE_PROMPTS),
            ranked(movers.writes)[0],
            ranked(movers.writes)[:CUT_MOVERS],
        ),
        importance=importance,
        effects=effects(model, groups),
        demonstrations=[demonstrate(model, group) for group in groups],
        of_tasks=task_circuits(model),
    )
