"""Processes in groups of their own, each with a log file, all of them ended by id whatever happens."""
import os
import random
import signal
import socket
import subprocess
import threading

_alive = set()
_ports = set()
_lock = threading.Lock()


class Process:
    def __init__(self, command, log, **options):
        self.log = log
        with open(log, "ab") as sink:
            self.popen = subprocess.Popen(command, stderr=sink, start_new_session=True,
                                          **{"stdin": subprocess.DEVNULL, "stdout": sink, **options})
        with _lock:
            _alive.add(self)

    def running(self):
        return self.popen.poll() is None

    def wait(self, seconds):
        """The exit code, or None if it has not ended by then."""
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def terminate(self):
        self._signal(signal.SIGTERM)

    def kill(self):
        """Ends the whole group at once and reaps it; of one that has ended already, what it left behind."""
        self._signal(signal.SIGKILL)
        self.popen.wait()
        with _lock:
            _alive.discard(self)

    def _signal(self, number):
        try:
            os.killpg(self.popen.pid, number)
        except ProcessLookupError:
            pass


def end_all():
    for process in list(_alive):
        process.kill()


def free_port():
    """A port nobody listens on and that is handed out once.

    Taken from below the range that outgoing connections use, so that it stays free while its server is stopped.
    """
    while True:
        port = random.randint(20000, 32000)
        with _lock, socket.socket() as probe:
            if port not in _ports and probe.connect_ex(("127.0.0.1", port)) != 0:
                _ports.add(port)
                return port


def tail(log, lines=15):
    if not log.exists():
        return []
    return [line[:400] for line in log.read_text(errors="replace").splitlines()[-lines:]]
