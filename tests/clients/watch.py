"""A look at the lists of several servers, again and again, beside everything else."""
import http.client
import threading
import time

from server import Refused

PAUSE_SECONDS = 0.05


class Watch:
    """Notes every list that lacks an instance. A server that gives no list is not counted: clients keep theirs."""

    def __init__(self, servers, own):
        self.looks, self.gaps = 0, []
        self._servers, self._own = servers, own
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _look(self):
        began = time.monotonic()
        while not self._over.wait(PAUSE_SECONDS):
            for server in self._servers:
                try:
                    instances = server.instances()
                except (OSError, http.client.HTTPException, Refused):
                    continue
                self.looks += 1
                if self._own["id"] not in instances:
                    self.gaps.append(f"{time.monotonic() - began:.2f} s at {server.url}")
