"""`python -m training.circuits`: find the bundled model's circuits, write docs/bundled-model.md."""

from __future__ import annotations

import argparse
from pathlib import Path

from attention_surgery.engine.cores import use_threads
from attention_surgery.engine.model import BUNDLED_NAME, bundled_directory, load_model
from training.circuits.head_kinds import heads_file
from training.circuits.page import page
from training.circuits.plots import draw
from training.circuits.survey import find_circuits
from training.circuits.task_circuits import circuits_file

DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.circuits", description=__doc__)
    parser.parse_args()
    use_threads()
    model = load_model(BUNDLED_NAME)
    circuits = find_circuits(model)
    draw(circuits, DOCS / "bundled-model")
    (DOCS / "bundled-model.md").write_text(page(model, circuits))
    (bundled_directory() / "heads.json").write_text(heads_file(circuits.kinds))
    (bundled_directory() / "circuits.json").write_text(circuits_file(circuits.of_tasks))
    print("written to docs/bundled-model.md, bundled/heads.json and bundled/circuits.json")


if __name__ == "__main__":
    main()
