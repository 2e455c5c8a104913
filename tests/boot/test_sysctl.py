"""What /proc/sys/vm is told, the memory manager does."""
import re

from machine import Machine
from programs import archive, program


def test_sys_vm(tmp_path):
    initrd = archive(tmp_path / "initrd", {"init": program("sysctl")})
    with Machine(initrd=initrd) as m:
        text = m.finish()
    found = re.search(r"^sysctl: (\d+) checks, (\d+) wrong$", text, re.M)
    assert found, text[-3000:]
    assert int(found.group(1)) > 60 and found.group(2) == "0", text[-3000:]
