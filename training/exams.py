"""`python -m training.exams`: write the exams that the package brings along as a task.

Only questions whose answer and foil are one token each for the bundled model.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Tokenizer

import attention_surgery
from attention_surgery.tasks.exams import FILE
from training.teaching import ABILITIES, Question, exam

PACKAGE = Path(attention_surgery.__file__).parent
QUESTIONS, DRAWN = 100, 200
SEED = 1


def main() -> None:
    (PACKAGE / "tasks" / FILE).write_text("".join(lines()), "utf-8")


def lines() -> Iterator[str]:
    """The file, line by line."""
    tokenizer = Tokenizer.from_file(str(PACKAGE / "bundled" / "tokenizer.json"))
    for ability in ABILITIES:
        drawn = [_asked(ability.name, question) for question in exam(ability.name, DRAWN, SEED)]
        for fields in [each for each in drawn if _fits(each, tokenizer)][:QUESTIONS]:
            yield json.dumps(fields) + "\n"


def _asked(ability: str, question: Question) -> dict[str, str]:
    fields = {"ability": ability, "prompt": question.prompt, "answer": question.answer}
    if ability == "years":
        # Any later year is right: what must be exceeded is the year before the first of them.
        fields["answer"] = f"{int(min(question.accepted)) - 1:02d}"
    if question.foil is not None:
        fields["foil"] = question.foil
    return fields


def _fits(fields: dict[str, str], tokenizer: Tokenizer) -> bool:
    texts = [text for name, text in fields.items() if name in ("answer", "foil")]
    return all(len(tokenizer.encode(text, add_special_tokens=False).ids) == 1 for text in texts)


if __name__ == "__main__":
    main()
