"""A running client program: what it was told, what it says it sees, what it is asked to do.

Every program takes its settings as one JSON argument. Once or twice a second it prints its whole view of the registry
in one line, {"sees": [{"app", "id", "status", "metadata"}, ...]}, and after a command {"answer": ...}; all its other
lines are only logged. Commands come on stdin: `out` and `back` set and remove the override of its own status,
`call NAME` calls another application, `stop` ends it cleanly. It ends at once, and uncleanly, when stdin is closed.
"""
import json
import subprocess
import threading

from processes import Process, free_port

LEASE_SECONDS = 4
ANSWER_SECONDS = 15

# Dots, dashes, an ampersand and letters outside ASCII: what real metadata has and encoders stumble over.
METADATA = {"zone": "zone-1", "build.tag": "a & b < ü", "pod-name": "pod-7–é"}


def settings(name, urls, **changes):
    """What a client is told about itself. Its name in capitals: some clients send it as it is, others raise it."""
    port = free_port()
    app = name.replace(".", "-")
    return {
        "urls": urls, "app": app.upper(), "id": f"host-1:{app}:{port}", "host": "host-1", "ip": "10.0.0.1",
        "port": port, "securePort": 8443, "securePortEnabled": True, "vip": app, "secureVip": f"{app}-secure",
        "homePageUrl": f"http://host-1:{port}/home", "statusPageUrl": f"http://host-1:{port}/info",
        "healthCheckUrl": f"http://host-1:{port}/health", "metadata": METADATA, "leaseSeconds": LEASE_SECONDS,
        **changes,
    }


class Program:
    def __init__(self, command, own, log):
        self.own, self.log, self.sees = own, log, {}
        self._answers, self._answered = [], threading.Condition()
        self._process = Process([*command, json.dumps(own)], log, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, command):
        """Sends a command and returns the answer to it."""
        with self._answered:
            expected = len(self._answers) + 1
            self._send(command)
            if not self._answered.wait_for(lambda: len(self._answers) >= expected, ANSWER_SECONDS):
                return f"no answer to `{command}` within {ANSWER_SECONDS} s"
            return self._answers[-1]

    def stop(self):
        """Asks for a clean stop and returns the exit code, or None if it keeps running."""
        self._send("stop")
        return self._process.wait(ANSWER_SECONDS)

    def kill(self):
        self._process.kill()

    def _send(self, command):
        self._process.popen.stdin.write(f"{command}\n".encode())
        self._process.popen.stdin.flush()

    def _listen(self):
        with open(self.log, "ab") as log:
            for line in self._process.popen.stdout:
                log.write(line)
                log.flush()
                if line.startswith(b'{"sees":'):
                    self.sees = {instance["id"]: instance for instance in json.loads(line)["sees"]}
                elif line.startswith(b'{"answer":'):
                    self._note(json.loads(line)["answer"])

    def _note(self, answer):
        with self._answered:
            self._answers.append(answer)
            self._answered.notify()
