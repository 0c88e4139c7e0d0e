"""Measure a model against the bars of the bundled model: `python -m training.evaluate`."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

import torch

from attention_surgery.analyses import HeadScore, infer
from attention_surgery.engine.cores import use_threads
from attention_surgery.engine.hub import fetch
from attention_surgery.engine.hub_models import HUB_MODELS
from attention_surgery.engine.model import BUNDLED_NAME, Model, bundled_directory, load_model
from attention_surgery.errors import ModelLoadError
from attention_surgery.interventions import head_name
from benchmarks.measure import processor, seconds
from training.corpus import CorpusNotFound, read_books, split
from training.findings import Bar, Finding, findings_table
from training.measures.abilities import MARY_AND_JOHN, probability, score
from training.measures.causes import INPUTS, causes
from training.measures.english import bits_per_byte
from training.measures.head_patterns import head_patterns, ranked
from training.measures.importance import TOP, specificity
from training.measures.name_movers import name_movers
from training.measures.repeats import PERIOD, copying, repeated_rows
from training.teaching import exam

DESCRIPTION = "Measure a model's abilities, circuits, size and speed against the bars set for it."
EIFFEL_TOWER = "The Eiffel Tower is located in"

# Questions asked of the abilities that need no finer measure, and the bar of those that have one.
N_QUESTIONS, N_CAUSES = 200, 20
BARS = {"years": 0.9, "gender": 0.9, "sequences": 0.9}
OTHERS = ("opposites", "facts", "lists", "quotes")


def evaluate(model: Model, directory: Path, books: list[str]) -> Iterator[Finding]:
    """Every line of the table, measured as it is asked for.

    Args:
        directory: where the model's files lie.
        books: held-out books; without any, English is not measured.
    """
    yield english(model, books)
    yield from induction(model)
    yield from indirect_objects(model)
    yield from places(model)
    for ability in (*BARS, *OTHERS):
        yield plain_ability(model, ability)
    yield from specific_surgery(model)
    yield from names_and_their_causes(model)
    yield from size_and_speed(model, directory)


def english(model: Model, books: list[str]) -> Finding:
    """Bits per byte of excerpts from books; see `bits_per_byte`."""
    value = bits_per_byte(model, books) if books else None
    return Finding("English", "bits per byte on held-out books", value, Bar(1.72, is_upper=True))


def induction(model: Model) -> Iterator[Finding]:
    """Copying of repeated random tokens, and the heads that look as copying needs."""
    rows = repeated_rows(model)
    copied = copying(model, rows)
    yield Finding(
        "induction",
        f"top-1 on the second half of {PERIOD} random tokens repeated",
        copied.accuracy,
        Bar(0.85),
    )
    yield Finding("induction", "mean probability of these tokens", copied.probability)
    looks = head_patterns(model, rows)
    for kind, target, scores, bar in (
        ("induction", "the token after the previous occurrence", looks.induction, Bar(0.4)),
        ("previous-token", "the token before", looks.previous, Bar(0.5)),
        ("duplicate-token", "the previous occurrence", looks.duplicate, None),
    ):
        best = ranked(scores)[0]
        measure = f"largest mean attention to {target}"
        yield Finding(f"{kind} heads", measure, best.score, bar, note=f"({_names([best])})")


def indirect_objects(model: Model) -> Iterator[Finding]:
    """Who gets it: held-out wordings, and names that never met in a lesson."""
    ability = "indirect objects"
    marks = score(model, exam(ability, 500))
    yield Finding(ability, "accuracy over both names", marks.preferred, Bar(0.95))
    yield Finding(ability, "mean logit difference", marks.logit_difference, Bar(3), decimals=2)
    yield Finding(ability, "top-1 over all tokens", marks.top1)


def places(model: Model) -> Iterator[Finding]:
    """Where landmarks, capitals and rivers are."""
    yield Finding("places", "top-1", score(model, exam("places", 300)).top1, Bar(0.95))
    paris = probability(model, EIFFEL_TOWER, " Paris")
    yield Finding("places", f'P(Paris) after "{EIFFEL_TOWER}"', paris, Bar(0.8))


def plain_ability(model: Model, ability: str) -> Finding:
    """The accuracy of one exam."""
    marks = score(model, exam(ability, N_QUESTIONS))
    bar = Bar(BARS[ability]) if ability in BARS else None
    return Finding(ability, "accuracy", marks.accuracy(ability), bar)


def specific_surgery(model: Model) -> Iterator[Finding]:
    """What cutting the right heads costs indirect objects, and what any heads cost."""
    title, found = "surgery is specific", specificity(model, "indirect objects")
    measure = f"accuracy lost without the {TOP} heads of the largest KL"
    yield Finding(title, measure, found.lost, Bar(0.4), note=f"({_names(found.heads)})")
    measure = f"accuracy lost without {TOP} random heads, mean of 20 draws"
    yield Finding(title, measure, found.lost_at_random, Bar(0.1, is_upper=True))


def names_and_their_causes(model: Model) -> Iterator[Finding]:
    """What tells the strongest name mover the names, and what its cut costs."""
    questions = exam("indirect objects", N_CAUSES)
    mover = ranked(name_movers(model, questions).writes)[0]
    found = causes(model, questions, mover, [mover])
    (_, cut), *_ = found.cuts
    strongest = {name: ranked(shares)[0] for name, shares in found.feeds.items()}
    name = max(strongest, key=lambda each: strongest[each].score)
    measure = "largest share of the difference on one path to a name mover"
    to = f"({_names([strongest[name]])} to the {INPUTS[name]} of {_names([mover])})"
    yield Finding("paths", measure, strongest[name].score, note=to)
    measure = "logits lost without this name mover"
    yield Finding("self-repair", measure, -cut.total, decimals=2, note=f"({_names([mover])})")
    yield Finding("self-repair", "logits of these that it wrote itself", -cut.direct, decimals=2)
    repaired = cut.heads.sum().item()
    yield Finding("self-repair", "logits that later heads make up for", repaired, decimals=2)


def size_and_speed(model: Model, directory: Path) -> Iterator[Finding]:
    """Megabytes of weights, seconds to load, milliseconds of a next-token view."""
    megabytes = (directory / "model.safetensors").stat().st_size / 1e6
    load = min(seconds(load_model, directory) for _ in range(3))

    def view() -> None:
        infer(model, MARY_AND_JOHN, ["L0H0"], max_new_tokens=0)

    milliseconds = statistics.median(seconds(view) for _ in range(20)) * 1000
    yield Finding("size", "MB of model.safetensors", megabytes, Bar(16, is_upper=True), 1)
    yield Finding("time to load", "seconds, best of 3", load, Bar(0.5, is_upper=True), 2)
    measure = "milliseconds with one head cut, median of 20"
    yield Finding("one next-token view", measure, milliseconds, Bar(40, is_upper=True), 1)


def _names(heads: list[HeadScore]) -> str:
    return " ".join(head_name(head.layer, head.head) for head in heads)


def held_out_books(corpus: Path | None) -> tuple[list[str], str]:
    """The books that are not for training, and a sentence on them or on why there are none."""
    if corpus is None:
        return [], "English was not measured: name the books with --corpus."
    try:
        _, books = split(read_books(corpus))
    except CorpusNotFound as error:
        return [], f"English was not measured. {error}"
    return books, f"English is the mean over {len(books)} held-out books."


def directory_of(model: str) -> Path:
    """The directory of a model named on the command line."""
    if model == BUNDLED_NAME:
        return bundled_directory()
    return fetch(model, None) if model in HUB_MODELS else Path(model)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=DESCRIPTION)
    parser.add_argument(
        "--model",
        default=BUNDLED_NAME,
        metavar="DIR_OR_NAME",
        help=f"directory in Hugging Face layout, {BUNDLED_NAME} (default) or a GPT-2 size",
    )
    parser.add_argument(
        "--corpus",
        type=Path,
        metavar="PATH",
        help="books as plain text: a .txt or .txt.xz file, or a folder of them, the same as for "
        "training; one in eight is held out. Without it English is left out.",
    )
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    options = parser.parse_args()
    threads = use_threads()
    try:
        directory = directory_of(options.model)
        model = load_model(directory, name=options.model)
    except ModelLoadError as error:
        sys.exit(str(error))
    books, remark = held_out_books(options.corpus)
    found = list(evaluate(model, directory, books))
    print(findings_table(found, markdown=options.markdown))
    print(f"\n{remark} {processor()}, {threads} threads, torch {torch.__version__}.")


if __name__ == "__main__":
    main()
