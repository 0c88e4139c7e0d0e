"""docs/bundled-model.md, written from measurements: it stays true whichever model is there."""

from __future__ import annotations

from attention_surgery.engine.model import Model
from training.circuits import examples, tables, task_circuits
from training.circuits.cutting import N_DRAWS, N_QUESTIONS
from training.circuits.head_kinds import ATTENTION, LOGITS
from training.circuits.survey import CAUSE_PROMPTS, NAME_PROMPTS, SWEEPS, CircuitMap
from training.measures.abilities import MARY_AND_JOHN
from training.measures.head_patterns import ranked
from training.measures.importance import TOP
from training.measures.repeats import PERIOD, ROWS


def page(model: Model, circuits: CircuitMap) -> str:
    """The whole page in Markdown."""
    *looking, name_mover = circuits.kinds
    whole, *cut = circuits.effects
    shown = "\n\n".join(examples.demonstration(shown) for shown in circuits.demonstrations)
    return f"""# The circuits of the bundled model

Written by `make circuits` (`python -m training.circuits`), sentences included: train another model,
and the page describes that one. How the model was made and how well it does is in its
[model card](../attention_surgery/bundled/README.md).

`{model.name}` has {model.n_layers} layers of {model.n_heads} heads, d_model {model.d_model},
a context of {model.n_ctx} tokens and a vocabulary of {model.d_vocab:,}. Layers and heads count from
zero; scores are means. What holds for a head here says nothing of the same head in GPT-2.

## Where heads look

Read on {ROWS} rows of {PERIOD} random tokens told twice, where nothing but position and repetition
can guide a head. A head is of a kind from a mean attention of {ATTENTION:g} on.

![Three maps of mean attention, layers by heads](bundled-model/heads.svg)

{tables.bullets(kind.sentence() for kind in looking)}

The {TOP} strongest of each kind; name movers are explained below, in logits.

{tables.strongest(circuits)}

One head's attention, on a prompt of your own:

{examples.looks_back(model, ranked(looking[0].scores)[0])}

## Who writes the name

After "{MARY_AND_JOHN}" comes Mary. A name mover reads
a name from the last position and makes the right one likelier. The score is what a head by itself
adds to logit(answer) − logit(foil), the foil being the other name, through the final LayerNorm at
the scale it has; from {LOGITS:g} on a head counts. Mean over {NAME_PROMPTS} held-out prompts.

![What each head writes, and where the strongest look](bundled-model/name-movers.svg)

{tables.bullets([name_mover.sentence(), tables.mover_reads(circuits), tables.against(circuits)])}

{tables.name_movers(circuits)}

{examples.looks_most_at(model, ranked(name_mover.scores)[0])}

{name_mover_causes(model, circuits)}

## Which heads matter

Cut one head and measure how far the next-token distribution moves: exact KL, in nats, mean over
{SWEEPS} questions of each ability. Each map has its own scale.

![Exact KL of every head, for each ability](bundled-model/importance.svg)

{tables.needed(circuits)}

{examples.ranking()}

{task_circuits.section(circuits.of_tasks)}

## What cutting them does

Accuracy on {N_QUESTIONS} held-out questions of each ability, and on the second copy of random
tokens, with heads zeroed. Of each kind at most the {TOP} strongest are cut, to compare with the
last line: {TOP} heads drawn from all, mean of {N_DRAWS} draws. Indirect objects and gender are
choices between two words, where chance is 0.5; elsewhere the likeliest of all tokens must be right.

{tables.cutting(circuits.effects)}

{tables.bullets(tables.loss(effect, whole) for effect in cut)}

{shown}
"""


def name_mover_causes(model: Model, circuits: CircuitMap) -> str:
    """Paths to the strongest name mover, and self-repair without each of the strongest."""
    return f"""## What feeds it

Swap the two names, and let one head tell the strongest name mover, {tables.receiver(circuits)}, by
one path alone what it would tell then ([path patching](causal-analyses.md#path-patching)). The
number is the share of the logit difference, names as they are against swapped, that this path
carries; negative where it works against the answer. Mean over {CAUSE_PROMPTS} held-out prompts.

{tables.feeds(circuits)}

{examples.paths(model, circuits.causes.receiver)}

## Who moves when it is cut

What zeroing a name mover changes of logit(answer) − logit(foil), and
[by whom](causal-analyses.md#self-repair): what the head itself no longer writes (direct), what
later heads and MLPs write otherwise, and the final LayerNorm's scale. The four add up to the total.
Mean over the same {CAUSE_PROMPTS} prompts.

{tables.moves(circuits)}

{tables.bullets(tables.stand_ins(circuits))}

{examples.repair()}"""
