"""Uvicorn within bounds: connections, listening sockets, and whose request a proxy brings."""
