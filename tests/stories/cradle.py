"""Makes the product's imports once, then forks a serving process for each line of settings it reads.

A start costs a fork where it would cost a second of imports; all that a process remembers is as new.
Answers each line with the process's id, and with its exit status once it has ended.
"""

import json
import os
import sys

from bot.__main__ import main
from handlers import doors


def serve(settings: dict[str, str]) -> None:
    """What the forked process does, and all it does."""
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.environ.update(settings)
    os._exit(main(["serve"]))


if __name__ == "__main__":
    doors.find()
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            serve(json.loads(line))
        os.write(sys.stdout.fileno(), f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
        os.write(sys.stdout.fileno(), f"{os.waitstatus_to_exitcode(status)}\n".encode())
