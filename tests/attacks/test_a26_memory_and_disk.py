"""A26. What of an answer can end up on a disk by itself?

The attacker finds what a running server leaves behind without meaning to: a core dump of it, temporary files, pages
swapped out. He kills the process so that the system would write a dump, lists every file the process has made or has
open, and reads what `huiyin check` says of swap. (What a browser keeps of the page is in test_a26_page.py.)
"""

import asyncio
import os
import resource
import signal
import sys
from pathlib import Path

import psutil

from bot import spills
from tests.stories.organ import Phoenix

MAPPED = ("/lib", "/usr", "/etc", "/proc", "/dev", "/sys")


async def test_a_killed_server_leaves_no_dump(tmp_path: Path) -> None:
    limited = "import resource; resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))"
    code = f"{limited}; from bot import spills; spills.keep_in(); import os; os.abort()"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=tmp_path)
    assert await process.wait() == -signal.SIGABRT
    assert list(tmp_path.iterdir()) == []


async def test_a_serving_process_cannot_be_dumped_and_has_no_temporary_file(database_url: str, tmp_path: Path) -> None:
    async with Phoenix(database_url, tmp_path) as product:
        process = psutil.Process(product.pid)
        assert process.rlimit(resource.RLIMIT_CORE) == (0, 0)
        if os.geteuid() != 0:
            assert Path(f"/proc/{product.pid}/mem").stat().st_uid == 0  # nobody but root may look into it
        files = [Path(one.path) for one in process.open_files()]
        strays = [one for one in files if tmp_path not in one.parents and not str(one).startswith(MAPPED)]
        assert not strays


def test_the_operator_is_told_of_swap(tmp_path: Path) -> None:
    swaps = tmp_path / "swaps"
    assert spills.ways_out(swaps) == []
    swaps.write_text("Filename Type Size Used Priority\n")
    assert spills.ways_out(swaps) == []
    swaps.write_text("Filename Type Size Used Priority\n/dev/sda2 partition 1000 0 -2\n")
    [told] = spills.ways_out(swaps)
    assert "encrypt" in told
