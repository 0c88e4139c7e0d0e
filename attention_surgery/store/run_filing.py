"""Results of runs: rows while a run goes on, a Parquet file where it has ended."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from attention_surgery.errors import StoreError, StoreUnavailable
from attention_surgery.store.item_scores import ItemScores, read_parquet, write_parquet
from attention_surgery.store.kept_runs import UNFINISHED, KeptRun
from attention_surgery.store.run_table import RunTable, kept_run
from attention_surgery.store.schema import RunItemRow, RunRow


class FiledRuns(RunTable):
    """Runs whose results lie where they belong."""

    def results(self, identifier: str) -> tuple[KeptRun, ItemScores]:
        """What is done so far.

        Raises:
            UnknownRun: there is none, or no more.
            StoreUnavailable: its file is not there.
        """
        with self._database.reading() as session:
            row = self._living(session, identifier)
            run = kept_run(row)
            if not row.filed:
                return run, _scores_of(session, row)
        return run, self._filed(run)

    def file(self, identifier: str) -> None:
        """Put the results of an ended run into its file; they stay where they are if that fails."""
        if self._folder is None:
            return
        try:
            with self._database.reading() as session:
                row = session.get(RunRow, identifier)
                if row is None or row.filed or row.state in UNFINISHED or not row.done:
                    return
                scores, request = _scores_of(session, row), row.request
            write_parquet(scores, request, self._file_of(identifier))
            with self._database.changing() as session:
                still = RunRow.id == identifier, RunRow.state.not_in(UNFINISHED)
                ended = update(RunRow).where(*still).values(filed=True)
                known = session.execute(ended.returning(RunRow.id)).all()
                if known:
                    session.execute(delete(RunItemRow).where(RunItemRow.run == identifier))
            if not known:  # deleted meanwhile, or goes on
                self._unlink(identifier)
        except (OSError, StoreError) as error:
            self._log.warning(
                "a run's results stay in the database", run=identifier, why=str(error)
            )

    def _filed(self, run: KeptRun) -> ItemScores:
        """What is in the file of an ended run."""
        try:
            return read_parquet(self._file_of(run.id), run.layers, run.heads)
        except OSError:
            raise StoreUnavailable(
                "The file with this run's results cannot be read here: the host has to set "
                "ATTENTION_SURGERY_RUNS_FOLDER to the folder where it lies."
            ) from None

    def _take_back(self, session: Session, row: RunRow) -> None:
        """Put what was filed into the database again, where more will be added to it.

        The file stays until the run ends again: who reads meanwhile finds it.
        """
        filed = self._filed(kept_run(row))
        of_items = zip(filed.items.tolist(), filed.scores, strict=True)
        session.add_all(item_row(row.id, item, scores) for item, scores in of_items)
        row.filed = False

    def _file_of(self, identifier: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{identifier}.parquet"

    def _unlink(self, identifier: str) -> None:
        if self._folder is not None:
            self._file_of(identifier).unlink(missing_ok=True)


def item_row(run: str, item: int, scores: NDArray[np.float32]) -> RunItemRow:
    return RunItemRow(
        run=run, item=item, scores=np.ascontiguousarray(scores, dtype="<f4").tobytes()
    )


def _scores_of(session: Session, row: RunRow) -> ItemScores:
    query = select(RunItemRow.item, RunItemRow.scores).where(RunItemRow.run == row.id)
    kept = session.execute(query.order_by(RunItemRow.item)).all()
    scores = np.frombuffer(b"".join(each for _, each in kept), "<f4")
    items = np.array([item for item, _ in kept], np.int32)
    return ItemScores(items, scores.reshape(len(kept), row.layers, row.heads))
