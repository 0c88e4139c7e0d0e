"""Surgery, scores and lenses on a GPT-2; knows nothing of HTTP, settings or threads."""

import os

# How often torch's threads look whether the others are done before they sleep, read when torch is
# loaded. By default they look for milliseconds, on a core that a browser beside it may wait for.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "5000")
