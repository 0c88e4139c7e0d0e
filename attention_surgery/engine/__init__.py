"""Surgery, scores and lenses on a GPT-2; knows nothing of HTTP, settings or threads."""
