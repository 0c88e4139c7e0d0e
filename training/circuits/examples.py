"""Examples of docs/bundled-model.md: commands to repeat, with what they print."""

from __future__ import annotations

from shlex import quote

from attention_surgery.analyses import HeadScore, attention
from attention_surgery.engine.model import BUNDLED_NAME, Model
from attention_surgery.interventions import head_name
from training.circuits.cutting import Demonstration
from training.measures.abilities import MARY_AND_JOHN
from training.measures.causes import swapped
from training.measures.importance import TOP
from training.teaching import Question

DRINK = Question(MARY_AND_JOHN, " Mary", " John")


def looks_back(model: Model, head: HeadScore) -> str:
    """Python lines that print a head's mean attention to the token before."""
    pattern = attention(model, MARY_AND_JOHN, head.layer, head.head).control
    previous = [row[query - 1] for query, row in enumerate(pattern) if query > 0]
    return f"""```python
import attention_surgery as surgeon

model = surgeon.load_model("{BUNDLED_NAME}")
prompt = "{MARY_AND_JOHN}"
pattern = surgeon.attention(model, prompt, layer={head.layer}, head={head.head}).control
previous = [row[query - 1] for query, row in enumerate(pattern) if query > 0]
print(sum(previous) / len(previous))  # {sum(previous) / len(previous):.3f}
```"""


def looks_most_at(model: Model, head: HeadScore) -> str:
    """Python lines that print the token a head looks at most from the last position."""
    seen = attention(model, MARY_AND_JOHN, head.layer, head.head)
    weight, token = max(zip(seen.control[-1], [t.text for t in seen.prompt_tokens], strict=True))
    return f"""```python
seen = surgeon.attention(model, prompt, layer={head.layer}, head={head.head})
print(max(zip(seen.control[-1], [token.text for token in seen.prompt_tokens])))
# ({weight:.3f}, {token!r})
```"""


def paths(model: Model, receiver: HeadScore) -> str:
    """The command that traces the paths to a head's values, and what it prints first."""
    head = head_name(receiver.layer, receiver.head)
    return f"""```sh
attention-surgery paths {quote(MARY_AND_JOHN)} \\
    --corrupt {quote(swapped(DRINK))} \\
    --answer {quote(DRINK.answer)} --foil {quote(DRINK.foil or "")} \\
    --to {head}q --to {head}k --to {head}v --model {model.name}
```"""


def repair() -> str:
    """The command that cuts each head in turn and tells who moves."""
    return f"""```sh
attention-surgery repair {quote(MARY_AND_JOHN)} \\
    --answer {quote(DRINK.answer)} --foil {quote(DRINK.foil or "")} --model {BUNDLED_NAME}
```"""


def ranking() -> str:
    """The command that scores every head of a prompt."""
    return f"""```sh
attention-surgery importance {quote(MARY_AND_JOHN)} \\
    --method kl --positions last --top {TOP} --model {BUNDLED_NAME}
```"""


def demonstration(shown: Demonstration) -> str:
    """The command that cuts a group of heads, and both answers."""
    cuts = " ".join(f"--cut {head_name(h.layer, h.head)}" for h in shown.group.heads)
    return f"""Without the {shown.group.title}; right would be "{shown.question.answer.strip()}":

```console
$ attention-surgery infer {quote(shown.question.prompt)} \\
    {cuts} --new-tokens 1 --model {BUNDLED_NAME}
control  {shown.result.control.text}
ablated  {shown.result.ablated.text}
```"""
