"""Examples of refusals for the OpenAPI document."""

from __future__ import annotations

# status → (when, example of the answer)
ERRORS: dict[int, tuple[str, str, str]] = {
    401: (
        "A token is required",
        "This server needs its token: send the header Authorization: Bearer ….",
        "Unauthorized",
    ),
    403: (
        "The key does not allow it, or this server saves nothing",
        "This server saves no experiments: share the link, or export a file.",
        "NotOffered",
    ),
    409: (
        "One client keeps as much as one may",
        "500 experiments are saved from your address, which is all that one may keep here: delete "
        "some, or export them to a file.",
        "QuotaExceeded",
    ),
    507: (
        "The server keeps as much as it can",
        "The server's disk is full: nothing more can be saved here now.",
        "StoreFull",
    ),
    404: (
        "Unknown model",
        "There is no model 'gpt3' here: use gpt2 or gpt2-mini-12x12.",
        "UnknownModel",
    ),
    400: (
        "Unreadable body",
        "The body could not be read as JSON; send one JSON object in UTF-8.",
        "BadRequest",
    ),
    408: (
        "The body did not arrive in time",
        "The request body did not arrive within 30 seconds; send it at once.",
        "RequestTimeout",
    ),
    413: (
        "Body too large",
        "The body is larger than 262144 bytes; send a smaller one.",
        "BodyTooLarge",
    ),
    415: (
        "Compressed, or not marked as JSON",
        "Bodies with Content-Encoding 'gzip' are not read here; send the JSON uncompressed.",
        "UnsupportedMediaType",
    ),
    422: (
        "Malformed, or not possible for this model",
        "There is no head L12H0: this model has layers 0–11 and heads 0–11.",
        "UnknownHead",
    ),
    429: (
        "The queue, or this client's share of it, is full",
        "64 requests are waiting already, which is all this server accepts; retry in 3 seconds.",
        "QueueFull",
    ),
    500: (
        "A fault of the server",
        "Something failed on the server; try again, and report it with the request id if it stays.",
        "InternalError",
    ),
    503: (
        "No model is ready, or the server is stopping",
        "gpt2 is still loading; retry in 5 seconds.",
        "ModelNotReady",
    ),
    504: (
        "Over the time limit",
        "This took longer than the 120 seconds this server allows and was stopped.",
        "TimeLimitExceeded",
    ),
}
