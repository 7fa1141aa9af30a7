"""Builds of the client programs, below the work folder; repeated only when their sources changed."""
import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from processes import tail

HERE = Path(__file__).resolve().parent


class Missing(Exception):
    """Something the machine does not have: a reason to skip, not to fail."""


class Broken(Exception):
    """A build that went wrong; its arguments are lines to print."""


@dataclass(frozen=True)
class Build:
    """`sources` is a folder here; `steps` makes the commands that build it into a folder given to it."""

    sources: str
    tools: tuple
    steps: Callable[[Path], list]

    def make(self, work):
        """Builds into `work`/<sources> unless that has been done from these very sources."""
        missing = [tool for tool in self.tools if not shutil.which(tool)]
        if missing:
            raise Missing(f"{' and '.join(missing)} not on PATH")
        folder = work / self.sources
        stamp, wanted = folder / "built-from", digest(HERE / self.sources)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        print(f"     building {self.sources}", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        for command in self.steps(folder):
            run(command, folder)
        stamp.write_text(wanted)


def digest(folder):
    """Of every file's name and content."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return total.hexdigest()


def run(command, folder):
    log = folder / "build.log"
    with open(log, "wb") as sink:
        code = subprocess.run(command, cwd=folder, stdout=sink, stderr=sink, stdin=subprocess.DEVNULL).returncode
    if code:
        raise Broken(f"{' '.join(map(str, command))} ended with {code}", *tail(log, 30))


def maven(folder):
    return [["mvn", "--batch-mode", "--quiet", "--fail-at-end", "-Dstyle.color=never", f"-Dwork={folder}",
             "-f", HERE / "java" / "pom.xml", "process-classes"]]


def go(folder):
    return [["go", "build", "-C", HERE / "go", "-mod=readonly", "-o", f"{folder}/", "./fargo", "./go-eureka-client"]]


def npm(folder):
    sources = HERE / "eureka-js-client"
    return [["cp", sources / "package.json", sources / "client.js", folder],
            ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]]


def pip(folder):
    requirements = HERE / "py-eureka-client" / "requirements.txt"
    return [["python3", "-m", "venv", folder / "venv"],
            [folder / "venv/bin/pip", "install", "--quiet", "--requirement", requirements]]


JAVA = Build("java", ("java", "mvn"), maven)
GO = Build("go", ("go",), go)
NODE = Build("eureka-js-client", ("node", "npm"), npm)
PYTHON = Build("py-eureka-client", ("python3",), pip)


def java_command(line, program):
    """Short-lived programs: compile little, share classes, keep the heap small."""
    def command(work):
        folder = work / "java" / line
        return ["java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx256m", "-XX:+UseSerialGC",
                "-cp", f"{folder / 'classes'}:{(folder / 'classpath').read_text()}", f"clients.{program}"]
    return command


def go_command(program):
    return lambda work: [work / "go" / program]


def node_command(work):
    return ["node", work / "eureka-js-client" / "client.js"]


def python_command(work):
    return [work / "py-eureka-client" / "venv/bin/python", HERE / "py-eureka-client" / "client.py"]
