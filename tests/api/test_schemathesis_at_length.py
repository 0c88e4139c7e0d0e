"""Tens of thousands of requests made from the OpenAPI document, right ones and wrong ones.

A file of its own, because thinking of each keyword's cases takes seconds before any test runs
(`pytest_ignore_collect` in `conftest.py`).
"""

from __future__ import annotations

import pytest
import schemathesis

from .servers import Server
from .test_schemathesis import cases, config, document, keeps_its_word

schema = schemathesis.openapi.from_dict(document(), config=config(coverage=True))


# Beside some 400 for the keywords of a route's schema.
@pytest.mark.long
@schema.parametrize()
@cases(100)
def test_the_api_keeps_its_word_at_length(case: schemathesis.Case, tiny_server: Server) -> None:
    keeps_its_word(case, tiny_server)
