"""The account of memory at boot, against what the emulator was given."""
import re

import pytest

from machine import Machine
from programs import archive, program


def boot(tmp_path, memory, cpu="max", megabytes="0", **kwargs):
    """What a machine says until a program that fills so many megabytes has ended."""
    initrd = archive(tmp_path / "initrd", {"init": program("fill")})
    with Machine(memory=memory, cpu=cpu, initrd=initrd, cmdline=megabytes, **kwargs) as m:
        return m.finish()


@pytest.mark.parametrize("memory", [8, 64, 1024, 3584])
def test_every_frame_is_accounted_for(tmp_path, memory):
    text = boot(tmp_path, memory, megabytes="1")
    usable = int(re.search(r"^usable frames: (\d+), of which", text, re.M).group(1))
    assert "sum: every usable frame is accounted for" in text
    lines = re.search(r"^usable frames: .*\n((?:  .*\n)+?)  +\d+  sum:", text, re.M).group(1)
    assert sum(int(line.split()[0]) for line in lines.splitlines()) == usable
    # QEMU's PC keeps some 100 KB for the firmware, the video hole, and 1 MB at most at the top.
    # With 3.5 GB and more it puts only 3 GB below 4 GiB.
    below = min(memory, 3072)
    assert below * 256 - 512 < usable < below * 256


@pytest.mark.parametrize("memory,zones", [
    (8, ["DMA"]), (64, ["DMA", "Normal"]), (1024, ["DMA", "Normal", "HighMem"]),
    (3584, ["DMA", "Normal", "HighMem"])])
def test_zones(tmp_path, memory, zones):
    text = boot(tmp_path, memory, megabytes="1")
    table = re.search(r"^zones, frames:\n.*\n((?:  .*\n)+)", text, re.M).group(1)
    assert [line.split()[0] for line in table.splitlines() if int(line.split()[3])] == zones


def test_direct_map_uses_what_the_processor_has(tmp_path):
    text = boot(tmp_path, 64, cpu="max", megabytes="1")
    large, glob = re.search(r"direct map: (\d+) pages of 4 MB, \d+ of 4 KB, (.*)", text).groups()
    assert int(large) >= 14 and glob == "global"
    initrd = archive(tmp_path / "initrd", {"init": program("fill")})
    with Machine(memory=64, initrd=initrd, cmdline="cpu=nopse,nopge 1") as m:
        text = m.finish()
    large, small, glob = re.search(r"direct map: (\d+) pages of 4 MB, (\d+) of 4 KB, (.*)", text).groups()
    assert large == "0" and int(small) > 16000 and glob == "not global"


def test_little_is_taken_before_process_1(tmp_path):
    """Of 64 MB at most 2 MB are not free, the pages of the boot archive apart (process 1 is counted, too)."""
    text = boot(tmp_path, 64, megabytes="1")
    usable = int(re.search(r"^usable frames: (\d+), of which", text, re.M).group(1)) * 4
    before = {name: int(kb) for name, kb in re.findall(r"^fill before (\S+) (\d+)$", text, re.M)}
    assert 0 < usable - before["MemFree"] - before["Cached"] <= 2048
