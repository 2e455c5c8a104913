"""Memory runs out in many ways: the right one is ended, the others go on, and nothing is left over."""
import re

import pytest
from machine import Machine
from programs import archive, program


@pytest.mark.parametrize("memory", [8, 16])
def test_memory_runs_out(tmp_path, memory):
    initrd = archive(tmp_path / "initrd", {"init": program("oom")})
    with Machine(memory=memory, initrd=initrd) as m:
        text = m.finish()
    assert re.search(r"^oom: 0 wrong$", text, re.M), text[-4000:]
    assert len(re.findall(r"^(?:zones|buddy|slab|process|mm) ok$", text, re.M)) == 10, text[-4000:]
