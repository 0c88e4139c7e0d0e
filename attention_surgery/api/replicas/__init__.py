"""The same server several times behind one address: replicas on a Ray cluster, and a front.

    client ── front ──┬── replica 0    application, models, queue, batch; a process of its own
                      ├── replica 1
                      └── …

The front (`front.py`) has the connections, and counts what each client does; whatever concerns
models it hands to a replica (`forwarding.py`, `link.py`), byte by byte over HTTP, so that a slow
reader slows his replica, and one who leaves ends the work there. The fleet (`fleet.py`) begins
replicas, and others in the place of those that end. Ray Serve has a proxy of its own, which holds
without bound what a client does not read, and does not bound connections.
"""
