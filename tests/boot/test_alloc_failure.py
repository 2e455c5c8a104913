"""Each allocation made while a program starts and runs fails once, in turn."""
import os
import re

import pytest

from machine import KERNEL, Machine
from programs import archive, program

DEBUG_KERNEL = os.path.join("build", "debug", "pagoda.elf")


@pytest.mark.parametrize("kernel", [KERNEL, DEBUG_KERNEL], ids=["release", "debug"])
@pytest.mark.parametrize("name,fewest,times", [("hello", 10, 1), ("busy", 40, 1), ("busy", 40, 3)])
def test_every_allocation_fails(tmp_path, kernel, name, fewest, times):
    """Nothing panics and nothing is lost, whichever page or slab allocation fails, alone or with the next two."""
    initrd = archive(tmp_path / "initrd", {"init": program("failures"), "bin/victim": program(name)})
    with Machine(memory=64, kernel=kernel, initrd=initrd, cmdline="panic=poweroff /bin/victim %d" % times) as m:
        text = m.finish(timeout=300)
        assert m.status == 0
    for failpoint in ("page_alloc", "slab_alloc"):
        match = re.search(r"^failures: %s: (\d+) calls failed, \d+ runs ended well all the same, (\d+) wrong"
                          % failpoint, text, re.M)
        assert match, text[-3000:]
        assert int(match.group(1)) >= fewest and match.group(2) == "0", text[-5000:]
        assert "failures: %s: the run without a failure ended with 0\n" % failpoint in text, text[-3000:]
