"""Checks and their report. A condition returns its complaint, or None when it holds."""
import http.client
import threading
import time

from processes import tail
from server import Refused

PATIENCE_SECONDS = 15
PAUSE_SECONDS = 0.1


class Report:
    """One line per check, counted; shared by cells that run side by side."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self._lock = threading.Lock()

    def ok(self, name, what):
        with self._lock:
            self.passed += 1
            print(f"ok   {name}: {what}", flush=True)

    def fail(self, name, what, details):
        with self._lock:
            self.failed += 1
            print("\n       ".join([f"FAIL {name}: {what}", *details]), flush=True)

    def skip(self, name, why):
        with self._lock:
            self.skipped += 1
            print(f"skip {name}: {why}", flush=True)

    def add(self, other):
        with self._lock:
            self.passed += other.passed
            self.failed += other.failed
            self.skipped += other.skipped

    def summary(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


class Hopeless(Exception):
    """What follows in this scene cannot succeed."""


class Checks:
    """The checks of one scene; a failed one prints what was seen and the ends of the scene's logs."""

    def __init__(self, report, name):
        self.logs = []
        self._report, self._name = report, name

    def until(self, what, condition, seconds=PATIENCE_SECONDS, vital=False):
        """Passes as soon as the condition holds."""
        deadline = time.monotonic() + seconds
        while complaint := _complaint(condition):
            if time.monotonic() > deadline:
                return self._conclude(what, f"after {seconds:g} s: {complaint}", vital)
            time.sleep(PAUSE_SECONDS)
        return self._conclude(what, None, vital)

    def throughout(self, what, seconds, condition):
        """Passes if the condition holds at every look."""
        end = time.monotonic() + seconds
        complaint = None
        while not complaint and time.monotonic() < end:
            complaint = _complaint(condition)
            time.sleep(PAUSE_SECONDS)
        self._conclude(what, complaint)

    def now(self, what, condition):
        self._conclude(what, _complaint(condition))

    def that(self, what, holds, seen):
        self._conclude(what, None if holds else seen)

    def broken(self, error):
        """The scene itself could not go on."""
        self._report.fail(self._name, "runs to the end", [repr(error), *self._evidence()])

    def _conclude(self, what, complaint, vital=False):
        if not complaint:
            self._report.ok(self._name, what)
            return
        self._report.fail(self._name, what, [complaint, *self._evidence()])
        if vital:
            raise Hopeless

    def _evidence(self):
        for log in self.logs:
            yield f"--- {log}"
            yield from tail(log)


def _complaint(condition):
    """A server that does not answer, or refuses, is a complaint like any other: it may be starting."""
    try:
        return condition()
    except (OSError, http.client.HTTPException, Refused) as error:
        return repr(error)


def differences(seen, wanted):
    """How `seen` falls short of `wanted`; of nested objects only the wanted keys count."""
    if seen is None:
        return "not there"
    unlike = [(key, seen.get(key), value) for key, value in wanted.items() if not _fits(seen.get(key), value)]
    return "; ".join(f"{key} is {found!r}, not {value!r}" for key, found, value in unlike) or None


def _fits(seen, wanted):
    if isinstance(wanted, dict):
        return isinstance(seen, dict) and not differences(seen, wanted)
    return seen == wanted


def absent(instances, own):
    return f"still there: {instances[own['id']]}" if own["id"] in instances else None
