"""Runs: one analysis of every item of a task, asked in one request, kept item by item.

The request is the same as a file, on the command line and in REST; who works on it, a server or a
shell, does it by the same loop on the same store, so that either goes on where the other ended.
"""
