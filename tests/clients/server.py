"""A server process, and what the driver itself asks of it over plain REST."""
import http.client
import json
import time
import urllib.parse

from processes import Process, free_port
from tap import Tap

JSON = {"Accept": "application/json", "Content-Type": "application/json"}
START_SECONDS = 30
STOP_SECONDS = 10

# A lone client that dies would be protected as a large loss; the suite wants to see it go.
EVICTING = {"eureka.server.enable-self-preservation": "false", "eureka.server.eviction-interval-timer-in-ms": "500"}
# Nothing expires while a test runs: what goes was cancelled.
NOT_EVICTING = {"eureka.server.eviction-interval-timer-in-ms": "3600000"}


class Refused(Exception):
    """An answer the driver did not ask for."""


class Server:
    """One address, at which a server is started and stopped, each time with an empty registry."""

    def __init__(self, binary, folder):
        self._binary, self._folder = binary, folder
        self._port, self._inner = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self._port}/eureka/"
        self.peers_at = f"127.0.0.1:{free_port()}"
        self.log = folder / f"server-{self._port}.log"
        self._process = self.tap = None

    def start(self, settings, join=()):
        """With addresses to join it shares the registry of the servers there, else it is alone until it is joined."""
        config = self._folder / f"server-{self._port}.properties"
        config.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
        self._process = Process(
            [self._binary, "serve", "--listen", f"127.0.0.1:{self._inner}", "--peer-listen", self.peers_at,
             "--name", f"server-{self._port}", *(word for seed in join for word in ("--join", seed)),
             "--log-format", "json", "--spring-config", config], self.log)
        self._await_ready()
        # Only now can clients reach it.
        self.tap = Tap(self._port, ("127.0.0.1", self._inner))
        return self

    def stop(self):
        self.tap.close()
        self._process.terminate()
        if self._process.wait(STOP_SECONDS) is None:
            raise Refused(f"the server was still running {STOP_SECONDS} s after SIGTERM")

    def kill(self):
        """At any time: also before it was ready, and after it was stopped."""
        if self.tap:
            self.tap.close()
        if self._process:
            self._process.kill()

    def instances(self):
        """All registered instances by id."""
        applications = json.loads(self._ask("GET", "apps"))["applications"]["application"]
        return {instance["instanceId"]: instance
                for application in applications for instance in application["instance"]}

    def renewed_at(self, own):
        """When the server last heard the instance, in its own words; lists may be cached, so by a single read."""
        answer = json.loads(self._ask("GET", own_path(own)))
        return answer["instance"]["leaseInfo"]["lastRenewalTimestamp"] / 1000

    def register(self, instance):
        self._ask("POST", f"apps/{instance['app']}", json.dumps({"instance": instance}), wanted=204)

    def set_metadata(self, own, key, value):
        self._ask("PUT", f"{own_path(own)}/metadata?{urllib.parse.urlencode({key: value})}")

    def set_status(self, own, status):
        self._ask("PUT", f"{own_path(own)}/status?value={status}")

    def remove_status(self, own):
        self._ask("DELETE", f"{own_path(own)}/status")

    def cancel(self, own):
        self._ask("DELETE", own_path(own))

    def _ask(self, method, path, body=None, wanted=200):
        """Goes past the tap: what the driver asks must not count as the client's."""
        status, text = self._send(method, f"/eureka/{path}", body)
        if status != wanted:
            raise Refused(f"{method} /eureka/{path} was answered {status} {text[:200]!r}, wanted {wanted}")
        return text

    def _send(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self._inner, timeout=10)
        try:
            connection.request(method, path, body, JSON)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def _await_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while not self._ready():
            if time.monotonic() > deadline or not self._process.running():
                raise Refused(f"the server did not become ready: see {self.log}")
            time.sleep(0.05)

    def _ready(self):
        try:
            return self._send("GET", "/readyz")[0] == 200
        except OSError:
            return False


def own_path(own):
    return f"apps/{own['app']}/{urllib.parse.quote(own['id'])}"
