"""Processes in groups of their own, each with a log file, all of them ended by id whatever happens."""
import os
import random
import signal
import socket
import subprocess
import threading

_lock = threading.Lock()
_alive = set()
_closing = False
_ports = set()


class Process:
    def __init__(self, command, log, stdin=subprocess.DEVNULL, stdout=None):
        """Its stderr goes to the log, and so does its stdout unless told otherwise."""
        self.log = log
        with open(log, "ab") as sink, _lock:
            if _closing:
                raise InterruptedError("the run is ending")
            self.popen = subprocess.Popen(
                command, stdin=stdin, stdout=stdout or sink, stderr=sink, start_new_session=True)
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
        """Ends the whole group at once and reaps its leader."""
        self._signal(signal.SIGKILL)
        self.popen.wait()
        with _lock:
            _alive.discard(self)

    def _signal(self, number):
        # Once a process is reaped, its id may be another's.
        if self.running():
            os.killpg(self.popen.pid, number)


def end_all():
    """Ends every process and lets no other start."""
    global _closing
    with _lock:
        _closing = True
        alive = list(_alive)
    for process in alive:
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
