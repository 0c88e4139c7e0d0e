"""Names in the tables of a page break where their words end, and nowhere else."""

from __future__ import annotations

import re

CELL = re.compile(r"<td\b.*?</td>", re.DOTALL)
CODE = re.compile(r"<code>[^<]*</code>")


def breakable(page: str) -> str:
    """A page whose long names, as `probability_difference`, may go on in another line after a `_`.

    Of a finished page: what is searched holds them whole.
    """
    return CELL.sub(lambda cell: CODE.sub(lambda name: _broken(name[0]), cell[0]), page)


def _broken(name: str) -> str:
    return re.sub(r"(?<=[^_])_(?=[^_<])", "_<wbr>", name)
