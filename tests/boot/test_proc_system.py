"""What /proc says of the machine's memory: in Linux's form, and every figure against the others while programs run."""
import os
import random
import re

import pytest

import procfs
from machine import Machine
from programs import archive, program

INIT = "build/user/init"
KINDS = {"free-blocks": 10, "free-hot-lists": 48, "slab": 7, "anonymous": 12, "page-tables": 26, "kernel-stacks": 50,
         "vmalloc": 49, "reserved": 32, "file-cache": 18}
KPF_MMAP, KPF_SWAPBACKED, KPF_ANON, KPF_ZERO_PAGE, KPF_LRU = 11, 14, 12, 24, 5


def files_of(text):
    return dict(re.findall(r"^<<< (\S+)\n(.*?)>>>$", text, re.M | re.S))


@pytest.mark.parametrize("name", sorted(procfs.PARSERS))
def test_parsers_read_linux(name):
    """The parsers are Linux's, or they would not read this Linux's own files."""
    path = "/proc/" + name
    if not os.access(path, os.R_OK):
        pytest.skip("no %s here" % path)
    with open(path, encoding="latin-1") as file:
        procfs.PARSERS[name](file.read())


def test_names_and_order(tmp_path):
    """Names, their order and the units are those of Linux 6.1; what would mean nothing here is left out."""
    names = ["meminfo", "vmstat", "zoneinfo", "pagetypeinfo", "iomem", "swaps"]
    initrd = archive(tmp_path / "initrd", {"init": program("show")})
    with Machine(memory=1000, initrd=initrd, cmdline="-- " + " ".join("/proc/" + name for name in names)) as m:
        m.expect("^show: ready")
        files = {os.path.basename(name): text for name, text in files_of(m.text).items()}
    procfs.in_order(procfs.meminfo(files["meminfo"]), procfs.MEMINFO)
    told = list(procfs.vmstat(files["vmstat"]))
    ours = [name for name in told if name.startswith("fault_")]
    assert told[-len(ours):] == ours  # behind Linux's
    procfs.in_order(told[:-len(ours)], procfs.ZONE_LINES + procfs.NODE_LINES + procfs.EVENTS)
    node, zones = procfs.zoneinfo(files["zoneinfo"])
    procfs.in_order(node, procfs.NODE_LINES)
    assert list(zones) == ["DMA", "Normal", "HighMem"]
    for zone in zones.values():
        assert list(zone)[:10] == procfs.ZONE_PAGES + ["protection"]
        procfs.in_order([name for name in zone if name.startswith("nr_")], procfs.ZONE_LINES)
        assert list(zone)[-4:] == ["set count", "set high", "set batch", "start_pfn"]
    _, blocks, _ = procfs.pagetypeinfo(files["pagetypeinfo"])
    for types in blocks.values():
        procfs.in_order(types, procfs.TYPES)
    assert procfs.swaps(files["swaps"]) == []
    ranges = procfs.iomem(files["iomem"])
    inside = [(start, end) for depth, start, end, name in ranges if name == "System RAM" and not depth]
    for depth, start, end, name in ranges:
        if depth:
            assert name in ("Kernel code", "Kernel rodata", "Kernel data", "Kernel bss")
            assert any(low <= start <= end <= high for low, high in inside)
    assert {"Kernel code", "Kernel bss"} <= {name for _, _, _, name in ranges}


# ---- identities ----

def frames_of(text):
    """{kind: (found, counted)}, {part of what is reserved: frames}"""
    lines = procfs.lines_of(text)
    assert lines[0].split() == ["holds", "found", "counted"]
    rows = {line.split()[0]: line.split()[1:] for line in lines[1:] if not line.startswith("reserved ")}
    rows["reserved"] = next(line.split()[1:] for line in lines if line.startswith("reserved  "))
    parts = {line.split()[1]: int(line.split()[2]) for line in lines if re.match(r"reserved [a-z]", line)}
    return {kind: (int(found), None if counted == "-" else int(counted)) for kind, (found, counted) in rows.items()}, parts


def check_frames(files, mem):
    """Every frame holds one thing; owners count what is found; meminfo says the same."""
    frames, parts = frames_of(files["pagoda/frames"])
    everything = frames.pop("all")
    assert sum(found for found, _ in frames.values()) == everything[0] == everything[1]
    for kind, (found, counted) in frames.items():
        assert counted is None or found == counted, kind
    found = {kind: number for kind, (number, _) in frames.items()}
    assert sum(parts.values()) == found["reserved"]
    pages = {name: kb // 4 for name, kb in mem.items()}
    assert found["free-blocks"] + found["free-hot-lists"] == pages["MemFree"]
    assert found["slab"] == pages["Slab"] and found["anonymous"] == pages["AnonPages"]
    assert found["file-cache"] == pages["Cached"] - pages["Shmem"] and found["shared-memory"] == pages["Shmem"]
    assert found["kernel-stacks"] == pages["KernelStack"]
    assert found["vmalloc"] == pages["VmallocUsed"] - pages["KernelStack"]
    kernel_tables = found["page-tables"] - pages["PageTables"]
    assert 1 <= kernel_tables <= 32
    # All that programs and the kernel were given, by the lines of meminfo, and what is the kernel's alone.
    assert pages["MemTotal"] == (
        pages["MemFree"] + pages["Cached"] + pages["AnonPages"] + pages["Slab"] + pages["PageTables"] + pages["VmallocUsed"]
        + kernel_tables + found["kernel-blocks"] + found["kernel-frames"]) == everything[0] - found["reserved"]
    return found


def check_flags(files, found, mem):
    """kpageflags says of each frame what the census finds."""
    rows = [(int(flags, 16), int(number)) for flags, number in (line.split() for line in procfs.lines_of(files["flags"]))]

    def having(*bits):
        return sum(number for flags, number in rows if all(flags >> bit & 1 for bit in bits))

    # The texts are made in a page of vmalloc, which an open kpageflags does not have.
    found = dict(found, vmalloc=found["vmalloc"] - 1)
    found["free-hot-lists"] += 1
    assert sum(number for _, number in rows) == sum(found.values())
    for kind, bit in KINDS.items():
        assert having(bit) == found[kind], kind
    assert having(KPF_SWAPBACKED) - having(KPF_ANON) == found["shared-memory"]
    assert having(KPF_ANON, KPF_MMAP) == found["anonymous"] and having(KPF_ZERO_PAGE) == 1
    assert (having(KPF_MMAP) - having(KPF_ANON)) * 4 == mem["Mapped"]
    assert having(KPF_LRU) == found["anonymous"] + found["file-cache"] + found["shared-memory"]


def check_meminfo(mem, stat):
    for kind in ("Active", "Inactive"):
        assert mem[kind] == mem[kind + "(anon)"] + mem[kind + "(file)"]
    assert mem["HighTotal"] + mem["LowTotal"] == mem["MemTotal"] and mem["HighFree"] + mem["LowFree"] == mem["MemFree"]
    assert mem["Active"] + mem["Inactive"] + mem["Unevictable"] == mem["AnonPages"] + mem["Cached"]
    assert mem["Slab"] == mem["SReclaimable"] + mem["SUnreclaim"] and mem["KReclaimable"] == mem["SReclaimable"]
    assert mem["Mapped"] <= mem["Cached"] and mem["MemAvailable"] <= mem["MemFree"] + mem["Active(file)"] + mem["Inactive(file)"]
    same = {"nr_free_pages": "MemFree", "nr_anon_pages": "AnonPages", "nr_mapped": "Mapped", "nr_file_pages": "Cached",
            "nr_shmem": "Shmem", "nr_page_table_pages": "PageTables", "nr_unevictable": "Unevictable", "nr_mlock": "Mlocked",
            "nr_active_anon": "Active(anon)", "nr_inactive_anon": "Inactive(anon)", "nr_slab_unreclaimable": "SUnreclaim"}
    for name, line in same.items():
        assert stat[name] * 4 == mem[line], name
    assert stat["nr_kernel_stack"] == mem["KernelStack"]
    # What was handed out and has not come back is what is not free.
    given = sum(stat["pgalloc_" + zone] for zone in ("dma", "normal", "high"))
    assert (given - stat["pgfree"]) * 4 == mem["MemTotal"] - mem["MemFree"]
    assert stat["pgmajfault"] <= stat["pgfault"] and stat["pgreuse"] <= stat["pgfault"]


def check_zones(files, mem, stat):
    node, zones = procfs.zoneinfo(files["zoneinfo"])
    rows = procfs.buddyinfo(files["buddyinfo"])
    free, blocks, pages_per_block = procfs.pagetypeinfo(files["pagetypeinfo"])
    there = {name: zone for name, zone in zones.items() if zone["managed"]}
    assert set(rows) == set(free) == set(blocks) == set(there)
    for name, zone in there.items():
        assert sum(count << order for order, count in enumerate(rows[name])) == zone["free"] - zone["set count"]
        assert [sum(counts) for counts in zip(*free[name].values())] == rows[name]
        assert sum(blocks[name].values()) == -(-zone["spanned"] // pages_per_block)
        assert zone["managed"] <= zone["present"] <= zone["spanned"] and zone["min"] <= zone["low"] <= zone["high"]
    for line in procfs.ZONE_LINES:
        if line in stat:
            assert sum(zone[line] for zone in there.values()) == stat[line], line
    for line, number in node.items():
        assert number == stat[line], line
    assert sum(zone["managed"] for zone in there.values()) * 4 == mem["MemTotal"]
    assert sum(zone["free"] for zone in there.values()) * 4 == mem["MemFree"]
    assert zones["HighMem"]["free"] * 4 == mem["HighFree"]


def check_slabs(files, mem):
    caches = procfs.slabinfo(files["slabinfo"])
    for name, (active, objects, size, per_slab, pages, active_slabs, slabs) in caches.items():
        assert 0 < per_slab * size <= pages * 4096 and objects == slabs * per_slab, name
        assert active <= objects and -(-active // per_slab) <= active_slabs <= slabs, name
    assert sum(row[4] * row[6] for row in caches.values()) * 4 == mem["Slab"]


@pytest.mark.parametrize("memory", [48, 1000])
def test_identities_under_load(tmp_path, memory):
    seed = random.randrange(1 << 31)
    rounds = 12
    initrd = archive(tmp_path / "initrd", {"init": INIT, "bin/snapshot": program("snapshot"), "bin/load": program("load")})
    with Machine(memory=memory, initrd=initrd, cmdline="/bin/snapshot %d %d then poweroff" % (seed, rounds)) as m:
        text = m.finish(timeout=150)
    print("seed", seed)
    shots = text.split("<<< meminfo\n")[1:]
    assert len(shots) == rounds and "snapshot: %d rounds" % rounds in text
    faults = used = 0
    for shot in shots:
        files = files_of("<<< meminfo\n" + shot)
        mem, stat = procfs.meminfo(files["meminfo"]), procfs.vmstat(files["vmstat"])
        check_meminfo(mem, stat)
        check_zones(files, mem, stat)
        check_slabs(files, mem)
        check_flags(files, check_frames(files, mem), mem)
        areas = procfs.vmallocinfo(files["vmallocinfo"])
        assert all(low[1] <= high[0] for low, high in zip(areas, areas[1:]))
        assert all(end - start == size for start, end, size, _ in areas)
        used_pages = [(size // 4096, int(numbers["pages"])) for _, _, size, numbers in areas if "pages" in numbers]
        assert all(space == pages + 1 for space, pages in used_pages)  # and the guard
        # Its own text needs a page more the longer it is.
        assert 0 <= sum(pages for _, pages in used_pages) - mem["VmallocUsed"] // 4 <= 4
        assert stat["pgfault"] > faults
        faults, used = stat["pgfault"], max(used, mem["AnonPages"], mem["Shmem"])
    assert used > 200  # the load did something


def test_reading_under_random_calls(tmp_path):
    """All of /proc is read in a loop while the fuzzer runs: it panics nothing, waits for nothing, holds nobody up."""
    seed = random.randrange(1 << 31)
    initrd = archive(tmp_path / "initrd", {
        "init": program("readers"), "bin/fuzz-syscalls": "build/user/fuzz-syscalls"})
    with Machine(memory=128, initrd=initrd,
                 cmdline="panic=poweroff /bin/fuzz-syscalls %d 20000 3" % seed) as m:
        text = m.finish(timeout=150)
    # What the fuzzer counts at its end is not left over: somebody reads meanwhile.
    done = re.search(r"^readers: (\d+) rounds, (\d+) files, \d+ bytes; the program's status is (0|256)$", text, re.M)
    assert done and int(done.group(1)) >= 3 and int(done.group(2)) > 200, text[-3000:]
    assert re.search(r"^fuzz: \d+ calls done$", text, re.M) and not re.search(r"^readers: .* (took|FAILED)", text, re.M)
    assert set(re.findall(r"^fuzz: FAILED: (.*)$", text, re.M)) <= {"something is left over"} and "PANIC" not in text


def test_locked_memory(tmp_path):
    """A frame that is locked counts once, however many lock it, and is unevictable; a page of the root always is."""
    initrd = archive(tmp_path / "initrd", {"init": program("locked")})
    with Machine(memory=64, initrd=initrd, cmdline="panic=poweroff") as m:
        text = m.finish()
    told = {when: [int(kb) for kb in numbers.split()] for when, numbers in re.findall(r"^locked: (.*): (.*)$", text, re.M)}
    assert [told[when][0] for when in ("nothing", "private", "shared", "file", "twice", "by the child", "none")] == [
        0, 400, 600, 720, 720, 720, 0]
    for when, moved in (("private", 400), ("shared", 600), ("file", 600)):
        assert told[when][3] - told["nothing"][3] == moved
    assert told["nothing"][1] - told["private"][1] == 400 and told["private"][2] - told["shared"][2] == 200
    assert told["nothing"][2] >= 200
