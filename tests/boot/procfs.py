"""The memory files of /proc as programs read them: parsers by Linux's formats (Documentation/filesystems/proc.rst and the
format strings of Linux 6.1), which refuse whatever differs in form. They read Linux's own files and Pagoda's alike."""
import re

# Names in Linux's order, as 6.1 prints them on i386 with HIGHMEM, CMA and swap.
MEMINFO = """MemTotal MemFree MemAvailable Buffers Cached SwapCached Active Inactive Active(anon) Inactive(anon) Active(file)
Inactive(file) Unevictable Mlocked HighTotal HighFree LowTotal LowFree SwapTotal SwapFree Zswap Zswapped Dirty Writeback AnonPages
Mapped Shmem KReclaimable Slab SReclaimable SUnreclaim KernelStack PageTables SecPageTables NFS_Unstable Bounce WritebackTmp
CommitLimit Committed_AS VmallocTotal VmallocUsed VmallocChunk Percpu HardwareCorrupted AnonHugePages ShmemHugePages
ShmemPmdMapped FileHugePages FilePmdMapped CmaTotal CmaFree HugePages_Total HugePages_Free HugePages_Rsvd HugePages_Surp
Hugepagesize Hugetlb DirectMap4k DirectMap4M""".split()
ZONE_LINES = """nr_free_pages nr_zone_inactive_anon nr_zone_active_anon nr_zone_inactive_file nr_zone_active_file
nr_zone_unevictable nr_zone_write_pending nr_mlock nr_bounce nr_zspages nr_free_cma""".split()
NODE_LINES = """nr_inactive_anon nr_active_anon nr_inactive_file nr_active_file nr_unevictable nr_slab_reclaimable
nr_slab_unreclaimable nr_isolated_anon nr_isolated_file nr_anon_pages nr_mapped nr_file_pages nr_dirty nr_writeback
nr_writeback_temp nr_shmem nr_kernel_stack nr_page_table_pages nr_sec_page_table_pages nr_swapcached""".split()
EVENTS = """pgpgin pgpgout pswpin pswpout pgalloc_dma pgalloc_normal pgalloc_high pgalloc_movable pgfree pgactivate
pgdeactivate pglazyfree pgfault pgmajfault pglazyfreed pgrefill pgreuse drop_pagecache drop_slab oom_kill""".split()
ZONE_PAGES = "free boost min low high spanned present managed cma".split()
TYPES = "Unmovable Movable Reclaimable HighAtomic CMA Isolate".split()
ORDERS = 11


def in_order(names, order):
    """Every name is Linux's, and they stand as they do there."""
    unknown = [name for name in names if name not in order]
    assert not unknown, "not Linux's: %s" % unknown
    places = [order.index(name) for name in names]
    assert places == sorted(set(places)), "not in Linux's order"


def lines_of(text):
    assert text.endswith("\n")
    return text.split("\n")[:-1]


def matched(pattern, line):
    match = re.fullmatch(pattern, line)
    assert match, "%r is not of the form %r" % (line, pattern)
    return match


def meminfo(text):
    """{name: kB}; numbers of huge pages have no unit."""
    found = {}
    for line in lines_of(text):
        name, number, unit = matched(r"([\w()]+): +(\d+)( kB)?", line).groups()
        assert bool(unit) != name.startswith("HugePages_") and name not in found
        # "%-16s%8lu kB": the numbers end in one column as long as they fit
        assert len(line) - len(unit or "") == max(24, 16 + len(number)), line
        found[name] = int(number)
    return found


def vmstat(text):
    pairs = [matched(r"(\w+) (\d+)", line).groups() for line in lines_of(text)]
    assert len(dict(pairs)) == len(pairs)
    return {name: int(number) for name, number in pairs}


def buddyinfo(text):
    """{zone: blocks of each order}"""
    zones = {}
    for line in lines_of(text):
        name, numbers = matched(r"Node 0, zone ([ \w]{8}) ((?: *\d+ ){%d})" % ORDERS, line).groups()
        assert all(len(number) >= 6 for number in re.findall(r" *\d+(?= )", numbers))
        zones[name.strip()] = [int(number) for number in numbers.split()]
    return zones


def pagetypeinfo(text):
    """{zone: {type: free blocks of each order}}, {zone: {type: pageblocks}}, pages of a pageblock"""
    lines = lines_of(text)
    order = int(matched(r"Page block order: (\d+)", lines[0]).group(1))
    pages = int(matched(r"Pages per block:  (\d+)", lines[1]).group(1))
    assert pages == 1 << order and lines[2] == ""
    head = "%-43s %s" % ("Free pages count per migrate type at order", "".join("%6d " % n for n in range(ORDERS)))
    assert lines[3] == head
    at, free, blocks = 4, {}, {}
    while lines[at]:
        zone, kind, numbers = matched(r"Node    0, zone ([ \w]{8}), type ([ \w]{12}) ((?:[ >\d]{6,} )+)", lines[at]).groups()
        free.setdefault(zone.strip(), {})[kind.strip()] = [int(number.strip(">")) for number in numbers.split()]
        assert len(numbers.split()) == ORDERS
        at += 1
    types = matched(r"Number of blocks type  ((?: *\w+ )+)", lines[at + 1]).group(1)
    assert all(len(column) == 13 for column in re.findall(r" *\w+ ", types))
    for line in lines[at + 2:]:
        zone, numbers = matched(r"Node 0, zone ([ \w]{8}) ((?: +\d+ )+)", line).groups()
        blocks[zone.strip()] = dict(zip(types.split(), map(int, numbers.split())))
        assert len(numbers.split()) == len(types.split())
    assert all(list(rows) == types.split() for rows in free.values())
    return free, blocks, pages


def zoneinfo(text):
    """node's lines, {zone: {name: number}} with protection, nr_ lines, count, high_, batch and start_pfn"""
    node, zones, zone, part = {}, {}, None, None
    for line in lines_of(text):
        head = re.fullmatch(r"Node 0, zone ([ \w]{8})", line)
        number = re.fullmatch(r"      (\w+) +(\d+)", line)
        if head:
            zone = zones.setdefault(head.group(1).strip(), {})
            part = zone
        elif line == "  per-node stats":
            part = node
        elif number:
            assert line == "      %-12s %s" % number.groups()
            part[number.group(1)] = int(number.group(2))
        elif re.match("  pages free ", line):
            part = zone
            zone["free"] = int(matched(r"  pages free     (\d+)", line).group(1))
        elif re.match("        [a-z]", line) and "protection" not in line:
            name, value = matched(r"        (\w+) +(\d+)", line).groups()
            assert line == "        %-8s %s" % (name, value)
            zone[name] = int(value)
        elif "protection" in line:
            zone["protection"] = [int(word) for word in
                                  matched(r"        protection: \((\d+(?:, \d+)*)\)", line).group(1).split(", ")]
        elif line.startswith("    cpu: "):
            matched(r"    cpu: \d+", line)
        elif line.startswith("              "):
            name, value = matched(r"              (\w+): +(\d+)", line).groups()
            if name in ("count", "high", "batch"):
                zone["set " + name] = zone.get("set " + name, 0) + int(value)
        elif line != "  pagesets":
            name, value = matched(r"  ([a-z_ ]+): +(\d+)", line).groups()
            zone[name] = int(value)
    return node, zones


def slabinfo(text):
    """{cache: (active objects, objects, size, objects of a slab, pages of a slab, active slabs, slabs)}"""
    lines = lines_of(text)
    assert lines[0] == "slabinfo - version: 2.1"
    assert lines[1] == ("# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> "
                        "<batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>")
    caches = {}
    for line in lines[2:]:
        row = matched(r"(\S+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) : tunables +(\d+) +(\d+) +(\d+) : "
                      r"slabdata +(\d+) +(\d+) +(\d+)", line).groups()
        n = [int(word) for word in row[1:]]
        assert line == "%-17s %6d %6d %6d %4d %4d : tunables %4d %4d %4d : slabdata %6d %6d %6d" % (row[0], *n)
        caches[row[0]] = (*n[:5], n[8], n[9])
    return caches


def vmallocinfo(text):
    """[(start, end, size, {pages, phys})]; Linux may hide the addresses behind a hash."""
    areas = []
    for line in lines_of(text):
        start, end, size, rest = matched(r"0x([0-9a-f]+)-0x([0-9a-f]+) ([ \d]{7,}) ?(.*)", line).groups()
        numbers = dict(re.findall(r"(\w+)=(\w+)", rest))
        areas.append((int(start, 16), int(end, 16), int(size), numbers))
    return areas


def iomem(text):
    """[(depth, start, end, name)]"""
    ranges = []
    for line in lines_of(text):
        indent, start, end, name = matched(r"((?:  )*)([0-9a-f]{8,})-([0-9a-f]{8,}) : (.*)", line).groups()
        ranges.append((len(indent) // 2, int(start, 16), int(end, 16), name))
    return ranges


def swaps(text):
    lines = lines_of(text)
    assert lines[0] == "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority"
    return [line.split() for line in lines[1:]]


PARSERS = {function.__name__: function for function in
           (meminfo, vmstat, buddyinfo, pagetypeinfo, zoneinfo, slabinfo, vmallocinfo, iomem, swaps)}
