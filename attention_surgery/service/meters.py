"""What the service counts, for Prometheus; one registry per service, none global."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

SECONDS = (0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120)
PREFIX = "attention_surgery_"


class Meters:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = self._counter("requests", "Answers by route and status.", "route", "status")
        self.refusals = self._counter("refusals", "Requests refused, by kind of error.", "reason")
        self.tokens = self._counter("tokens", "Tokens decoded, both streams counted.", "model")
        self.computations = self._counter(
            "computations", "Work ended, by analysis and how.", "model", "analysis", "outcome"
        )
        self.shared = self._counter("shared", "Requests answered by another's computation.")
        self.stray_hooks = self._counter("stray_hooks", "Hooks found on a model after a job.")
        self.crashes = self._counter("crashes", "Jobs or threads ended by a fault.")
        self.seconds_queued = self._histogram("queue_seconds", "Time in the queue.")
        self.seconds_in_model = self._histogram("model_seconds", "Time in the model.")
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self._queue = Gauge(
            f"{PREFIX}queue_length",
            "Computations waiting or running.",
            ["model"],
            registry=self.registry,
        )
        self._state = Gauge(
            f"{PREFIX}model_state",
            "1 for the state a model is in.",
            ["model", "state"],
            registry=self.registry,
        )

    def watch_model(
        self, name: str, states: tuple[str, ...], state: Callable[[], str], queue: Callable[[], int]
    ) -> None:
        self._queue.labels(name).set_function(lambda: float(queue()))
        for each in states:
            self._state.labels(name, each).set_function(
                lambda each=each: float(state() == each)  # type: ignore[misc]
            )

    def count(self, name: str, **labels: str) -> float:
        """The present value of a counter, by its name without prefix; 0 where nothing happened."""
        return self.registry.get_sample_value(f"{PREFIX}{name}_total", labels) or 0.0

    def exposition(self) -> tuple[bytes, str]:
        return generate_latest(self.registry), CONTENT_TYPE_LATEST

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"{PREFIX}{name}", meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str) -> Histogram:
        return Histogram(
            f"{PREFIX}{name}", meaning, ["analysis"], buckets=SECONDS, registry=self.registry
        )
