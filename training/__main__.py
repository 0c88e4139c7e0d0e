"""Train the bundled model: `python -m training --corpus books/`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from attention_surgery.engine.cores import use_threads
from attention_surgery.engine.model import bundled_directory
from training.corpus import CorpusNotFound
from training.export import export
from training.prepare import prepare
from training.recipe import BUNDLED
from training.train import Training
from training.transformer import Shape

SHAPE = Shape()

DESCRIPTION = """Train the bundled model and write it in Hugging Face layout. A run that was stopped
goes on from its last checkpoint when the same command is given again."""


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training", description=DESCRIPTION)
    parser.add_argument(
        "--corpus",
        type=Path,
        default=Path("corpus"),
        metavar="PATH",
        help="books as plain text: a .txt or .txt.xz file, or a folder of them (default: corpus)",
    )
    parser.add_argument(
        "--run",
        type=Path,
        default=Path("training/run"),
        metavar="DIR",
        help="where tokenizer, tokens and checkpoint are kept (default: training/run)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=bundled_directory(),
        metavar="DIR",
        help="where the model goes (default: into the package)",
    )
    parser.add_argument("--no-compile", action="store_true", help="start at once, train slower")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> None:
    options = arguments(given)
    use_threads()
    try:
        sources = prepare(options.corpus, options.run, BUNDLED.seed)
    except CorpusNotFound as error:
        sys.exit(str(error))
    compiled = not options.no_compile
    training = Training(BUNDLED, sources, options.run, shape=SHAPE, compiled=compiled)
    print(f"{BUNDLED.steps} steps, of which {training.step} are done.", flush=True)
    for report in training.reports():
        print(report, flush=True)
    export(training.model, options.run / "tokenizer.json", options.out)
    print(f"The model is in {options.out}.")


if __name__ == "__main__":
    main()
