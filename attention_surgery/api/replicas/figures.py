"""The metrics of several processes as those of one server, told apart by a label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector


class Together(Collector):
    """Families of the same name side by side.

    Args:
        parts: what each process exposes, by what it is called.
    """

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        self._parts = parts

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for name, text in self._parts.items():
            for found in text_string_to_metric_families(text.decode()):
                new = Metric(found.name, found.documentation, found.type)
                samples = families.setdefault(found.name, new).samples
                samples += [
                    each._replace(labels={"replica": name, **each.labels}) for each in found.samples
                ]
        return families.values()


def together(parts: Mapping[str, bytes]) -> bytes:
    """One exposition, in Prometheus' text format."""
    return generate_latest(Together(parts))
