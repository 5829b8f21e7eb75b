"""The Java virtual machine in which JavaRosa walks: one for the whole session."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any


class Failed(Exception):
    """JavaRosa itself broke down on this form or step."""


class Rosa:
    """Speaks JSON lines with `Rosa.java`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def told(self, walk: dict[str, Any]) -> Any:
        """What is said to a whole walk. Raises Failed."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(walk) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise Failed("the Java process has ended")
        answer = json.loads(line)
        if "failed" in answer:
            raise Failed(answer["failed"])
        return answer


@contextmanager
def running(directory: Path) -> Iterator[Rosa]:
    """JavaRosa, its driver compiled into this directory."""
    jar = str(files("pyxform") / "validators/odk_validate/bin/ODK_Validate.jar")
    source = str(Path(__file__).with_name("Rosa.java"))
    subprocess.run(["javac", "-nowarn", "-Xlint:none", "-cp", jar, "-d", str(directory), source], check=True)
    command = ["java", "-XX:+UseSerialGC", "-Xmx512m", "-cp", f"{jar}:{directory}", "Rosa"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
    ) as process:
        try:
            yield Rosa(process)
        finally:
            process.kill()
