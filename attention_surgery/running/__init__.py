"""Runs from a shell: a file worked on here, and those that are kept."""
