"""sysrq: from the file, from the keyboard and after a break on the serial line; and the Mem-Info report."""
import re

import pytest

from machine import Machine
from programs import archive, program

REPORT = re.compile(r"^sysrq: Show Memory\n(Mem-Info:\n.*?^\d+ pages reserved)$", re.M | re.S)


@pytest.fixture(name="initrd")
def make_initrd(tmp_path):
    return archive(tmp_path / "initrd", {"init": program("sysrq")})


def mem_info(text):
    """The figures of a Mem-Info report, by Linux's form: totals in pages, zones in kB, blocks."""
    lines = REPORT.search(text).group(1).split("\n")
    totals = {}
    at = 1
    while not lines[at].startswith("Node 0 "):
        totals.update((name, int(value)) for name, value in re.findall(r"([\w()]+):(\d+)", lines[at]))
        at += 1
    node = {name: int(value) for name, value in re.findall(r"([\w()]+):(\d+)kB", lines[at])}
    at += 1
    zones, blocks = {}, {}
    while " free:" in lines[at]:
        name = lines[at].split()[0]
        zones[name] = {key: int(value) for key, value in re.findall(r"([\w()]+):(\d+)kB", lines[at])}
        reserve = re.fullmatch(r"lowmem_reserve\[\]:((?: \d+)+)", lines[at + 1])
        zones[name]["lowmem_reserve"] = [int(word) for word in reserve.group(1).split()]
        at += 2
    while re.match(r"\w+: \d+\*4kB ", lines[at]):
        name, row = lines[at].split(":", 1)
        found = re.findall(r"(\d+)\*(\d+)kB( \([UMEHCI]+\))?", row)
        assert [int(size) for _, size, _ in found] == [4 << order for order in range(11)]
        assert all(bool(int(count)) == bool(types) for count, _, types in found)
        blocks[name] = sum(int(count) * int(size) for count, size, _ in found)
        assert int(re.search(r" = (\d+)kB$", row).group(1)) == blocks[name]
        at += 1
    tail = dict(reversed(re.fullmatch(r"(\d+) (.*)", line).groups()) for line in lines[at:] if line[0].isdigit())
    assert lines[at + 2:at + 4] == ["Free swap  = 0kB", "Total swap = 0kB"]
    return totals, node, zones, blocks, {name: int(value) for name, value in tail.items()}


def check_mem_info(text):
    totals, node, zones, blocks, tail = mem_info(text)
    assert set(zones) == set(blocks) and "DMA" in zones
    for name, zone in zones.items():
        assert zone["min"] <= zone["low"] <= zone["high"] and zone["managed"] <= zone["present"]
        assert zone["free"] - zone["free_pcp"] == blocks[name]
        for kind in ("active_anon", "inactive_anon", "unevictable"):
            assert zone[kind] <= zone["managed"]
    for kind in ("active_anon", "inactive_anon", "active_file", "inactive_file", "unevictable"):
        assert totals[kind] * 4 == node[kind] == sum(zone[kind] for zone in zones.values()), kind
    assert totals["free"] * 4 == sum(zone["free"] for zone in zones.values())
    assert totals["free_pcp"] * 4 == sum(zone["free_pcp"] for zone in zones.values())
    assert totals["pagetables"] * 4 == node["pagetables"] > 0 and node["kernel_stack"] > 0
    assert totals["mapped"] <= tail["total pagecache pages"] == totals["shmem"] + totals["unevictable"]
    assert tail["pages RAM"] * 4 == sum(zone["present"] for zone in zones.values())
    assert tail["pages reserved"] * 4 == sum(zone["present"] - zone["managed"] for zone in zones.values())
    assert tail["pages HighMem/MovableOnly"] * 4 == zones.get("HighMem", {"present": 0})["present"]
    return totals


@pytest.mark.parametrize("memory", [24, 128, 1100])
def test_from_the_file(initrd, memory):
    with Machine(memory=memory, initrd=initrd, cmdline="file") as m:
        text = m.finish()
    first, second = [text[match.start():] for match in REPORT.finditer(text)][1:]
    before, after = check_mem_info(first), check_mem_info(second)
    assert after["active_anon"] - before["active_anon"] == 1000 and after["shmem"] - before["shmem"] == 100
    assert "sysrq: HELP : reboot(b) crash(c) show-memory-usage(m) show-task-states(t)\n" in text
    assert "sysrq: not here: sync" in text
    tasks = re.findall(r"^task:(\S+) +state:([RSDX]) .* pid:(\d+) +ppid:(\d+)$", text, re.M)
    assert ("init", "R", "1", "0") in tasks and ("init", "S", "2", "1") in tasks and ("idle", "R", "0", "0") in tasks
    # Where the child sleeps, by name.
    assert re.search(r"pid:2 .*\nbacktrace:\n(?:  .*\n)*?  \w+  sleep_for_signal", text)


def test_from_the_keyboard(initrd):
    """Also when a program computes; and the mask says what may be asked."""
    with Machine(initrd=initrd, cmdline="keys 1") as m:
        m.expect("^ready\n")
        m.monitor("sendkey alt-sysrq-h")
        m.expect("^sysrq: HELP : ")
        m.monitor("sendkey alt-sysrq-m")
        m.expect("^sysrq: Show Memory\n(.*\n)*\\d+ pages reserved\n")
        check_mem_info(m.text)
        m.monitor("sendkey alt-sysrq-t")
        m.expect("^task:init ")
        m.monitor("sendkey alt-sysrq-b")
        m.expect("^sysrq: Resetting")
        m.finish()


def test_mask(initrd):
    with Machine(initrd=initrd, cmdline="keys 128") as m:
        m.expect("^ready\n")
        m.monitor("sendkey alt-sysrq-m")
        m.expect("^sysrq: This sysrq operation is disabled.")
        m.monitor("sendkey alt-sysrq-c")
        m.expect("^sysrq: This sysrq operation is disabled.")
        m.monitor("sendkey alt-sysrq-b")
        m.expect("^sysrq: Resetting")
        m.finish()
    with Machine(initrd=initrd, cmdline="keys 0") as m:
        m.expect("^ready\n")
        m.monitor("sendkey alt-sysrq-b")
        m.monitor("sendkey alt-sysrq-h")
        m.stays()
        assert "sysrq:" not in m.text


def test_after_a_break(initrd):
    # The emulator's own multiplexer makes a break of Ctrl-A b.
    with Machine(serial="mon:stdio", initrd=initrd, cmdline="keys 1") as m:
        m.expect("^ready\n")
        m.send("\x01bm")
        m.expect("^sysrq: Show Memory\n(.*\n)*\\d+ pages reserved\n")
        check_mem_info(m.text)
        m.send("\x01bc")
        m.expect("^sysrq: Trigger a crash\nPANIC: sysrq triggered crash")


def test_out_of_memory(initrd):
    """The report stands before the first victim."""
    with Machine(memory=32, initrd=initrd, cmdline="eat") as m:
        text = m.finish()
    report = re.search(r"^out of memory: .*\n(Mem-Info:\n(?:.*\n)*?\d+ pages reserved\n)", text, re.M)
    totals = check_mem_info("sysrq: Show Memory\n" + report.group(1))
    assert totals["active_anon"] > 4000 and totals["free"] < 1000
    assert re.search(r"^oom_kill 1$", text, re.M)
