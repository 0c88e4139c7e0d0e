"""Models with states, one inference thread each, and what is shared between requests."""
