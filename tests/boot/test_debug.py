"""The debug build: assertions, red zones and poison see what would go unnoticed otherwise."""
import os
import random
import re

import pytest

from machine import Machine

KERNEL = os.path.join("build", "debug", "pagoda.elf")


@pytest.mark.parametrize("memory,cpu", [(16, "486"), (64, "pentium3"), (1024, "max"), (3584, "pentium")])
def test_tour(memory, cpu):
    with Machine(memory=memory, cpu=cpu, kernel=KERNEL, cmdline="panic=poweroff selftest") as m:
        text = m.finish(timeout=200)
    assert re.search(r"^selftest: \d+ passed, 0 failed", text, re.M), text[-3000:]
    assert re.search(r"^tour: (\d+) claims, \1 hold$", text, re.M) and "PANIC" not in text, text[-3000:]


@pytest.mark.parametrize("memory", [64, 1024])
def test_random_system_calls(memory):
    seed = random.randrange(1 << 31)
    with Machine(memory=memory, kernel=KERNEL,
                 cmdline="panic=poweroff /bin/fuzz-syscalls %d 100000 4 then poweroff" % seed) as m:
        m.expect(r"^fuzz: seed %d," % seed)
        text = m.finish(timeout=200)
    assert "init: fuzz-syscalls: exited with 0" in text and "PANIC" not in text, text[-3000:]
