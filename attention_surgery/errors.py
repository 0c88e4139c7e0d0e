"""Everything that can go wrong, as one tree; no HTTP in here.

    AttentionSurgeryError
    ├── InvalidRequest            what was asked cannot be done as asked
    │   ├── InvalidPrompt
    │   ├── PromptTooLong
    │   ├── InvalidSetting
    │   ├── UnknownHead
    │   ├── DuplicateHead
    │   └── AlteredModel          `model.hooked` was changed in a way that cannot be followed
    ├── UnknownModel              no model of that name is offered
    ├── ModelUnavailable          the model exists but cannot answer now
    │   ├── ModelNotReady         … because it is still loading
    │   └── ModelLoadError        … because loading failed
    ├── QueueFull                 too much work is waiting already
    ├── TimeLimitExceeded         the work took longer than the settings allow
    ├── ShuttingDown              the server accepts no more work
    ├── ReplicaLost               the process that worked on it has ended in the middle
    ├── StoreError                what is saved cannot be opened or changed as asked
    │   ├── UnknownExperiment     nothing is saved under that address
    │   │   └── UnknownClass      … or it is no classroom link
    │   ├── ClassClosed           the class takes no more answers
    │   ├── WrongKey              the key does not allow it
    │   ├── UnknownRun            there is no run of that name
    │   ├── NotYours              someone else started that run
    │   ├── RunTaken              the run is no longer this process's to work on
    │   ├── NotOffered            this server does not keep such things
    │   ├── QuotaExceeded         one client keeps as much as one may
    │   ├── StoreFull             the server keeps as much as it can
    │   └── StoreUnavailable      the database does not answer
    └── JobCancelled              the caller went away

Each message is one sentence that says what was wrong and what would be right.
"""

from __future__ import annotations


class AttentionSurgeryError(Exception):
    """Base of every error this package raises on purpose."""


class InvalidRequest(AttentionSurgeryError):
    """The request is well formed but cannot be honoured for this model."""


class InvalidPrompt(InvalidRequest):
    """The prompt holds no token, or text that cannot be tokenized."""


class PromptTooLong(InvalidRequest):
    """Prompt and new tokens do not fit into the model's context."""


class InvalidSetting(InvalidRequest):
    """A parameter lies outside its range or does not apply here."""


class UnknownHead(InvalidRequest):
    """The model has no such layer or head."""


class DuplicateHead(InvalidRequest):
    """One head was listed twice in a surgery."""


class AlteredModel(InvalidRequest):
    """Something was done to `model.hooked` that analyses cannot follow."""


class UnknownModel(AttentionSurgeryError):
    """No model of that name is offered here."""


class ModelUnavailable(AttentionSurgeryError):
    """The model is offered but cannot answer now."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ModelNotReady(ModelUnavailable):
    """The model is still being downloaded or loaded."""


class ModelLoadError(ModelUnavailable):
    """The model's files are missing, damaged, unreachable or of another architecture."""


class QueueFull(AttentionSurgeryError):
    """The queue, or this client's share of it, is full.

    Attributes:
        retry_after: seconds after which a place is likely to be free.
    """

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TimeLimitExceeded(AttentionSurgeryError):
    """The work was stopped because it took longer than the settings allow."""


class ShuttingDown(AttentionSurgeryError):
    """The server is stopping and accepts no new work."""


class ReplicaLost(AttentionSurgeryError):
    """The replica that worked on the request has ended in the middle of it."""


class StoreError(AttentionSurgeryError):
    """What is saved cannot be opened or changed as asked."""


class UnknownExperiment(StoreError):
    """Nothing is saved under that address, or no more."""


class UnknownClass(UnknownExperiment):
    """There is no classroom link at that address, or no more."""


class ClassClosed(StoreError):
    """The class takes no more answers."""


class WrongKey(StoreError):
    """The key is not that of the saved experiment."""


class UnknownRun(StoreError):
    """There is no run of that name, or no more."""


class NotYours(StoreError):
    """The run was started from another address."""


class RunTaken(StoreError):
    """The run was stopped, deleted, or taken over: who works on it stops."""


class NotOffered(StoreError):
    """This server does not keep such things."""


class QuotaExceeded(StoreError):
    """One client keeps as much as one may."""


class StoreFull(StoreError):
    """The server keeps as much as it may, or its disk is full."""


class StoreUnavailable(StoreError):
    """The database does not answer."""


class JobCancelled(AttentionSurgeryError):
    """The caller went away before the work was finished."""
