"""gdb commands that read the kernel's memory management.

gdb loads this file by itself with the kernel image (build/pagoda.elf-gdb.py). Structures come from
the debug information and macros from pagoda_constants.py, which is made from the headers, so no
number of the kernel is repeated here. Everything is read through the page-table window and the
direct map, so the commands work over any stub; only page tables and pages in highmem need a stub
that reads physical memory (QEMU's does).
"""
import os
import re
import struct

import gdb

WORD = 0xFFFFFFFF


class Constants:
    """The macros of tools/gdb/constants.c, from the file beside the kernel image."""

    def __init__(self):
        image = gdb.current_objfile() or gdb.objfiles()[0]
        path = os.path.join(os.path.dirname(image.filename), "pagoda_constants.py")
        with open(path, encoding="ascii") as file:
            exec(file.read(), self.__dict__)  # assignments only, made by our Makefile

    def names(self, prefix, value):
        """Names (without the prefix) of the single-bit constants that are set in value."""
        return [name[len(prefix):].lower() for name, bit in sorted(vars(self).items(), key=str)
                if name.startswith(prefix) and isinstance(bit, int)
                and bit and bit & (bit - 1) == 0 and value & bit]


C = Constants()
PAGE_SIZE = C.PAGE_SIZE


# --- reading ------------------------------------------------------------------------------------
def fail(message):
    raise gdb.GdbError(message)


def number(value):
    return int(value) & WORD


def evaluate(expression):
    try:
        return number(gdb.parse_and_eval(expression).cast(gdb.lookup_type("unsigned int")))
    except gdb.error as error:
        return fail("%s: %s" % (expression, error))


class Command(gdb.Command):
    """One of our commands. Until the boot code has switched paging on, the kernel's addresses lead elsewhere."""

    def __init__(self, name):
        super().__init__(name, gdb.COMMAND_DATA)

    def invoke(self, argument, _):
        if gdb.selected_inferior().pid == 0:
            fail("there is no machine: target remote, first")
        cr0 = gdb.parse_and_eval("$cr0")
        # Void where the stub does not tell it.
        if cr0.type.code != gdb.TYPE_CODE_VOID and not number(cr0) & C.CR0_PG:
            fail("paging is off: the kernel has not begun (tbreak kernel_main, continue)")
        self.run(argument)


def variable(name):
    symbol = gdb.lookup_global_symbol(name) or gdb.lookup_static_symbol(name)
    if symbol is None:
        fail("the kernel has no variable %s" % name)
    return symbol.value()


def static_variable(file, name):
    """A static variable of one file: other files may have one of the same name."""
    return gdb.parse_and_eval("'%s'::%s" % (file, name))


def enum_name(value, prefix):
    """Anon for an enumerator PREFIX_ANON, in words."""
    text = str(value)
    return text[len(prefix):].lower() if text.startswith(prefix) else text


def read_bytes(address, size):
    return bytes(gdb.selected_inferior().read_memory(address, size))


def read_word(address):
    return struct.unpack("<I", read_bytes(address, 4))[0]


def read_physical_word(address):
    """A word of physical memory: in the direct map, else by asking QEMU's stub."""
    if address >> C.PAGE_SHIFT < number(variable("max_low_pfn")):
        return read_word(C.KERNEL_BASE + address)
    try:
        gdb.execute("maintenance packet Qqemu.PhyMemMode:1", to_string=True)
        answer = gdb.execute("maintenance packet m%x,4" % address, to_string=True)
        gdb.execute("maintenance packet Qqemu.PhyMemMode:0", to_string=True)
    except gdb.error as error:
        fail("physical address 0x%08x lies in highmem, which this stub cannot read (%s)"
             % (address, error))
    match = re.search(r'received: "([0-9a-f]{8})"', answer)
    if not match:
        fail("physical address 0x%08x lies in highmem, which this stub cannot read" % address)
    return struct.unpack("<I", bytes.fromhex(match.group(1)))[0]


def type_pointer(name):
    return gdb.lookup_type(name).pointer()


def offset_in(fields, member):
    """The offset of a member in bytes, also of one inside an unnamed union, or None."""
    for field in fields:
        if field.name == member:
            return field.bitpos // 8
        if not field.name:
            inner = offset_in(field.type.fields(), member)
            if inner is not None:
                return field.bitpos // 8 + inner
    return None


def offset_of(type_name, member):
    offset = offset_in(gdb.lookup_type(type_name).fields(), member)
    return fail("%s has no member %s" % (type_name, member)) if offset is None else offset


def list_entries(head, type_name, member, limit=1 << 22):
    """The structures that a list links, as values. Stops with an error where the list is broken."""
    start = number(head.address)
    offset = offset_of(type_name, member)
    node = head
    for _ in range(limit):
        following = node["next"]
        if number(following) < C.KERNEL_BASE:
            fail("list at 0x%08x: next of 0x%08x is 0x%08x"
                 % (start, number(node.address), number(following)))
        if number(following.dereference()["prev"]) != number(node.address):
            fail("list at 0x%08x: prev of 0x%08x does not point back" % (start, number(following)))
        if number(following) == start:
            return
        entry = gdb.Value(number(following) - offset).cast(type_pointer(type_name))
        yield entry.dereference()
        node = following.dereference()


def field_names(value):
    return [field.name for field in value.type.strip_typedefs().fields()]


def arguments(text, least, most, usage):
    words = gdb.string_to_argv(text)
    if not least <= len(words) <= most:
        fail("usage: " + usage)
    return words


def symbol_at(address):
    """'name+0x10' for an address in the kernel's image, else None."""
    text = gdb.execute("info symbol 0x%x" % address, to_string=True).strip()
    match = re.match(r"(\S+)(?: \+ (\d+))? in section (\S+)", text)
    if not match:
        return None
    offset = "+0x%x" % int(match.group(2)) if match.group(2) else ""
    return "%s%s in %s" % (match.group(1), offset, match.group(3))


# --- frames -------------------------------------------------------------------------------------
def nr_frames():
    return number(variable("max_pfn"))


def page_of(pfn):
    if pfn >= nr_frames():
        return None
    return (variable("mem_map") + pfn).dereference()


def pfn_of(page):
    return (number(page.address) - number(variable("mem_map"))) // page.type.sizeof


def zone_of(page):
    zones = variable("zones")
    return zones[number(page["flags"]) & C.PG_ZONE_MASK]


def zone_list():
    zones = variable("zones")
    low, high = zones.type.range()
    return [zones[i] for i in range(low, high + 1)]


def order_of(page):
    return number(page["private"])


def free_block_head(pfn):
    """The head of the free block that holds pfn, or None."""
    for order in range(C.MAX_ORDER):
        head = pfn & ~((1 << order) - 1)
        page = page_of(head)
        if number(page["flags"]) & C.PG_BUDDY and head + (1 << order_of(page)) > pfn:
            return page
    return None


def slab_of(page):
    return gdb.Value(number(page["index"])).cast(type_pointer("struct slab")).dereference()


def slab_free_numbers(cache, slab):
    """The numbers of the objects of a slab that are on its stack of free ones."""
    return {number(slab["free_stack"][i])
            for i in range(number(slab["nr_taken"]), number(cache["objs_per_slab"]))}


def slab_text(page, address=None):
    """Which cache a page belongs to and, for an address, which object and whether it is in use."""
    cache = page["cache"].dereference()
    text = "slab page of cache %s" % cache["name"].string()
    if address is None or address < C.KERNEL_BASE:
        return text
    slab = slab_of(page)
    index, offset = divmod(address - number(slab["objs"]), number(cache["size"]))
    if not 0 <= index < number(cache["objs_per_slab"]):
        return text + ", not in an object"
    start = number(slab["objs"]) + index * number(cache["size"]) + number(cache["obj_offset"])
    held = {number(cache["array"][i]) for i in range(number(cache["avail"]))}
    state = "free" if index in slab_free_numbers(cache, slab) else \
        "free, in the cache's array" if start in held else "in use"
    return "%s: object %d at 0x%08x, %d bytes, %s" % (text, index, start, number(cache["obj_size"]),
                                                      state)


def page_text(pfn, address=None):
    """One line about a frame: zone and what it is used for."""
    page = page_of(pfn)
    if not nr_frames():
        return "nothing is known of frames yet (there is no mem_map)"
    if page is None:
        return "beyond the end of memory (mem_map holds %d frames)" % nr_frames()
    flags = number(page["flags"])
    zone = zone_of(page)["name"].string()
    if flags & C.PG_HOT:
        use = "free, on a hot list"
    elif flags & C.PG_RESERVED:
        use = "reserved"
    elif flags & C.PG_SLAB:
        use = slab_text(page, address)
    elif flags & C.PG_TABLE:
        use = "page table or directory"
    elif flags & C.PG_KSTACK:
        use = "kernel stack"
    elif flags & C.PG_VMALLOC:
        use = "vmalloc"
    elif flags & C.PG_PAGECACHE:
        use = "page cache: page %d of mapping 0x%08x" % (number(page["index"]),
                                                         number(page["mapping"]))
    elif flags & C.PG_ANON:
        use = "anonymous"
    elif free_block_head(pfn) is not None:
        head = free_block_head(pfn)
        use = "free, in a block of order %d from pfn 0x%x" % (order_of(head), pfn_of(head))
    else:
        use = "in use"
    return "zone %s, %s, refcount %d, mapcount %d, flags [%s]" % (
        zone, use, int(page["refcount"]), int(page["mapcount"]),
        " ".join(C.names("PG_", flags & ~C.PG_ZONE_MASK)))


class KPage(Command):
    """k-page PFN: what a frame is and who has it (expressions are allowed: k-page 0x1234)."""

    def run(self, argument):
        pfn = evaluate(arguments(argument, 1, 1, "k-page PFN")[0])
        if pfn > WORD >> C.PAGE_SHIFT:
            fail("a frame's number has 20 bits, 0x%x has more" % pfn)
        print("pfn 0x%x, physical 0x%08x: %s" % (pfn, pfn << C.PAGE_SHIFT, page_text(pfn)))
        page = page_of(pfn)
        if page is not None:
            print("  (struct page *) 0x%08x, index %d, private %d"
                  % (number(page.address), number(page["index"]), number(page["private"])))


# --- zones and buddy ------------------------------------------------------------------------------
def zone_hot(zone):
    hot = zone["hot"]
    low, high = hot.type.range()
    return sum(number(hot[i]["count"]) for i in range(low, high + 1))


class KZones(Command):
    """k-zones: the zones, their sizes, free frames and watermarks (in frames)."""

    def run(self, argument):
        arguments(argument, 0, 0, "k-zones")
        print("%-8s %9s %9s %9s %9s %9s %6s %7s %7s %7s  %s" % (
            "zone", "start_pfn", "spanned", "present", "managed", "free", "hot", "min", "low",
            "high", "lowmem_reserve"))
        for zone in zone_list():
            if not number(zone["present"]):
                continue
            marks, reserve = zone["watermark"], zone["lowmem_reserve"]
            low, high = reserve.type.range()
            hot = zone_hot(zone)
            print("%-8s %9d %9d %9d %9d %9d %6d %7d %7d %7d  %s" % (
                zone["name"].string(), number(zone["start_pfn"]), number(zone["spanned"]),
                number(zone["present"]), number(zone["managed"]), number(zone["nr_free"]) + hot,
                hot, number(marks[0]), number(marks[1]), number(marks[2]),
                " ".join(str(number(reserve[i])) for i in range(low, high + 1))))


def migrate_types(zone):
    lists = zone["free_area"][0]["list"]
    low, high = lists.type.range()
    enum = {field.enumval: field.name for field in gdb.lookup_type("enum migrate_type").fields()}
    return [(i, enum[i][len("MIGRATE_"):].lower()) for i in range(low, high + 1)]


def check_zone(zone):
    """Walk every free list of a zone; return what is wrong."""
    errors, free = [], 0
    name = zone["name"].string()
    start = number(zone["start_pfn"])
    end = start + number(zone["spanned"])
    for order in range(C.MAX_ORDER):
        area = zone["free_area"][order]
        for kind, kind_name in migrate_types(zone):
            count = 0
            for page in list_entries(area["list"][kind], "struct page", "lru"):
                pfn, flags = pfn_of(page), number(page["flags"])
                count += 1
                free += 1 << order
                where = "%s order %d %s: pfn 0x%x" % (name, order, kind_name, pfn)
                if not flags & C.PG_BUDDY:
                    errors.append(where + " is not marked free")
                if order_of(page) != order:
                    errors.append("%s says order %d" % (where, order_of(page)))
                if pfn & ((1 << order) - 1):
                    errors.append(where + " is not aligned")
                if not start <= pfn < end:
                    errors.append(where + " lies outside the zone")
                if int(page["refcount"]):
                    errors.append("%s has refcount %d" % (where, int(page["refcount"])))
                if order + 1 < C.MAX_ORDER and pfn ^ (1 << order) > pfn and \
                        start <= pfn ^ (1 << order) < end:
                    buddy = page_of(pfn ^ (1 << order))
                    if buddy is not None and number(buddy["flags"]) & C.PG_BUDDY and \
                            order_of(buddy) == order and \
                            number(buddy["flags"]) & C.PG_ZONE_MASK == flags & C.PG_ZONE_MASK:
                        errors.append(where + " and its buddy are both free and not merged")
            if count != number(area["nr"][kind]):
                errors.append("%s order %d %s: %d blocks on the list, %d counted"
                              % (name, order, kind_name, count, number(area["nr"][kind])))
    if free != number(zone["nr_free"]):
        errors.append("%s: %d frames on the lists, nr_free is %d"
                      % (name, free, number(zone["nr_free"])))
    return errors


class KBuddy(Command):
    """k-buddy [check]: free blocks by zone, migrate type and order; `check` walks every list."""

    def run(self, argument):
        words = arguments(argument, 0, 1, "k-buddy [check]")
        if words and words[0] != "check":
            fail("usage: k-buddy [check]")
        print("%-8s %-12s" % ("zone", "type") + "".join("%7d" % i for i in range(C.MAX_ORDER)))
        for zone in zone_list():
            if not number(zone["present"]):
                continue
            name = zone["name"].string()
            total = [0] * C.MAX_ORDER
            for kind, kind_name in migrate_types(zone):
                row = [number(zone["free_area"][order]["nr"][kind])
                       for order in range(C.MAX_ORDER)]
                total = [a + b for a, b in zip(total, row)]
                print("%-8s %-12s" % (name, kind_name) + "".join("%7d" % n for n in row))
            print("%-8s %-12s" % (name, "all") + "".join("%7d" % n for n in total))
        if words:
            errors = [error for zone in zone_list() if number(zone["present"])
                      for error in check_zone(zone)]
            for error in errors:
                print(error)
            print("check: %s" % ("%d errors" % len(errors) if errors else "ok"))


# --- slab -----------------------------------------------------------------------------------------
def caches():
    return list_entries(variable("cache_chain"), "struct kmem_cache", "node")


def print_slabs(cache):
    """Every slab of a cache."""
    print("cache %s at 0x%08x: objects of %d bytes (%d apart), %d a slab, slabs of order %d" % (
        cache["name"].string(), number(cache.address), number(cache["obj_size"]),
        number(cache["size"]), number(cache["objs_per_slab"]), number(cache["order"])))
    taken = 0
    for kind in ("full", "partial", "empty"):
        for slab in list_entries(cache["slabs_" + kind], "struct slab", "list"):
            taken += number(slab["nr_taken"])
            print("  %-8s slab 0x%08x, objects from 0x%08x, %d of %d taken" % (
                kind, number(slab.address), number(slab["objs"]), number(slab["nr_taken"]),
                number(cache["objs_per_slab"])))
    print("  %d taken, of which %d lie in the array in front" % (taken, number(cache["avail"])))
    if taken != number(cache["nr_taken"]):
        print("  WRONG: the cache counts %d taken" % number(cache["nr_taken"]))


class KSlab(Command):
    """k-slab [NAME]: the object caches, or every slab of one."""

    def run(self, argument):
        words = arguments(argument, 0, 1, "k-slab [NAME]")
        if words:
            for cache in caches():
                if cache["name"].string() == words[0]:
                    return print_slabs(cache)
            return fail("no cache %s" % words[0])
        print("%-20s %8s %8s %7s %8s %6s %7s %6s  %s" % (
            "cache", "active", "objects", "size", "per slab", "pages", "slabs", "empty", "at"))
        for cache in caches():
            per_slab, slabs = number(cache["objs_per_slab"]), number(cache["nr_slabs"])
            print("%-20s %8d %8d %7d %8d %6d %7d %6d  0x%08x" % (
                cache["name"].string(), number(cache["nr_taken"]) - number(cache["avail"]),
                slabs * per_slab, number(cache["obj_size"]), per_slab, 1 << number(cache["order"]),
                slabs, number(cache["nr_empty"]), number(cache.address)))
        return None


# --- page tables ----------------------------------------------------------------------------------
def entry_text(value, large=False):
    if not value & C.PTE_PRESENT:
        return "not present" if value else "empty"
    bits = C.names("PTE_", value & ~(C.PTE_SOFT | C.PTE_PRESENT))
    if not large:
        bits = [bit for bit in bits if bit != "large"]
    if not value & C.PTE_WRITE:
        bits.append("read-only")
    if not value & C.PTE_USER:
        bits.append("kernel")
    return " ".join(["present"] + bits)


def current_mm():
    mm = variable("current_mm")
    return mm.dereference() if number(mm) else None


def walk(address, mm=None):
    """[(level, index, address of the entry or None, entry)], and the physical address or None.

    Without mm the tables are those that the processor uses now, read through the window."""
    steps = []
    pde_index, pte_index = address >> 22, address >> C.PAGE_SHIFT & 1023
    if mm is None:
        at = C.PDE_WINDOW + 4 * pde_index
        pde = read_word(at)
    else:
        at = number(mm["pgdir"]["entries"]) + 4 * pde_index
        pde = read_word(at)
    steps.append(("PDE", pde_index, at, pde))
    if not pde & C.PTE_PRESENT:
        return steps, None
    if pde & C.PTE_LARGE:
        large = (1 << C.PAGE_SHIFT_LARGE) - 1
        return steps, pde & ~large & WORD | address & large
    if mm is None:
        at = C.PTE_WINDOW + 4 * (address >> C.PAGE_SHIFT)
        pte = read_word(at)
    else:
        at = None
        pte = read_physical_word((pde & ~(PAGE_SIZE - 1)) + 4 * pte_index)
    steps.append(("PTE", pte_index, at, pte))
    if not pte & C.PTE_PRESENT:
        return steps, None
    return steps, pte & ~(PAGE_SIZE - 1) & WORD | address & (PAGE_SIZE - 1)


class KWalk(Command):
    """k-walk ADDR [PID]: the page-directory and page-table entries of an address, decoded.

    Without PID in the address space that is loaded."""

    def run(self, argument):
        words = arguments(argument, 1, 2, "k-walk ADDR [PID]")
        address = evaluate(words[0])
        mm = mm_of(task_by_pid(evaluate(words[1]))) if len(words) == 2 else None
        steps, physical = walk(address, mm)
        print("0x%08x" % address)
        for level, index, at, entry in steps:
            where = "" if at is None else " at 0x%08x" % at
            print("  %s %4d%s: 0x%08x %s" % (level, index, where, entry,
                                             entry_text(entry, level == "PDE")))
        if physical is None:
            print("  nothing is mapped there")
        else:
            pfn = physical >> C.PAGE_SHIFT
            print("  physical 0x%08x, pfn 0x%x: %s" % (physical, pfn, page_text(pfn, address)))


# --- processes --------------------------------------------------------------------------------------
def tasks():
    for thread in list_entries(variable("all_threads"), "struct thread", "all_node"):
        if bool(thread["is_user"]):
            yield gdb.Value(number(thread.address)).cast(type_pointer("struct task")).dereference()


def task_by_pid(pid):
    for task in tasks():
        if number(task["pid"]) == pid:
            return task
    return fail("no process %d" % pid)


def mm_of(task):
    mm = task["thread"]["mm"]
    if not number(mm):
        fail("process %d has no address space" % number(task["pid"]))
    return mm.dereference()


def vmas(mm):
    vma = mm["first"]
    while number(vma):
        yield vma.dereference()
        vma = vma["next"]


def vma_text(vma):
    flags = number(vma["flags"])
    start, end = number(vma["start"]), number(vma["end"])
    mode = "".join(letter if flags & bit else "-" for letter, bit in
                   (("r", C.VM_READ), ("w", C.VM_WRITE), ("x", C.VM_EXEC)))
    mode += "s" if flags & C.VM_SHARED else "p"
    offset = number(vma["pgoff"]) << C.PAGE_SHIFT if number(vma["mapping"]) else 0
    name = "[stack]" if flags & C.VM_STACK else "[heap]" if flags & C.VM_HEAP else \
        "mapping 0x%08x" % number(vma["mapping"]) if number(vma["mapping"]) else ""
    return ("%08x-%08x %s %08x %s" % (start, end, mode, offset, name)).rstrip()


class KVmas(Command):
    """k-vmas PID: the memory areas of a process, in the columns of /proc/PID/maps."""

    def run(self, argument):
        mm = mm_of(task_by_pid(evaluate(arguments(argument, 1, 1, "k-vmas PID")[0])))
        for vma in vmas(mm):
            print(vma_text(vma))
        print("%d areas, %d pages; mapped frames: %d anonymous, %d of files, %d shared; %d tables" % (
            number(mm["nr_vmas"]), number(mm["total_vm"]), number(mm["rss_anon"]),
            number(mm["rss_file"]), number(mm["rss_shmem"]), number(mm["nr_tables"])))


class KPs(Command):
    """k-ps: threads and processes; frames mapped (RSS) and pages in areas (VSS)."""

    def run(self, argument):
        arguments(argument, 0, 0, "k-ps")
        running = number(variable("current"))
        print("%6s %6s %-24s %8s %8s  %-10s %s" % ("pid", "parent", "state", "rss", "vss",
                                                    "thread", "name"))
        for thread in list_entries(variable("all_threads"), "struct thread", "all_node"):
            name = thread["name"].string()
            state = enum_name(thread["state"], "THREAD_").replace("_", " ")
            if number(thread.address) == running:
                state += " *"
            pid = parent = rss = vss = "-"
            if bool(thread["is_user"]):
                task = gdb.Value(number(thread.address)).cast(type_pointer("struct task"))
                task = task.dereference()
                pid = number(task["pid"])
                parent = number(task["parent"]["pid"]) if number(task["parent"]) else 0
                if str(task["state"]) == "TASK_ZOMBIE":
                    state = "zombie"
                if number(thread["mm"]):
                    mm = thread["mm"].dereference()
                    rss = sum(number(mm[f]) for f in ("rss_anon", "rss_file", "rss_shmem"))
                    vss = number(mm["total_vm"])
            print("%6s %6s %-24s %8s %8s  0x%08x %s" % (pid, parent, state, rss, vss,
                                                         number(thread.address), name))


# --- who owns an address ----------------------------------------------------------------------------
def why_user(address):
    mm = current_mm()
    if mm is None:
        print("  user space, and no process is loaded")
        return
    for vma in vmas(mm):
        if number(vma["start"]) <= address < number(vma["end"]):
            print("  in %s" % vma_text(vma))
            return
    print("  user space, in no area of the process that is loaded")


def tree_entries(node, type_name, member):
    """The structures of a red-black tree in order."""
    if not number(node):
        return
    yield from tree_entries(node["left"], type_name, member)
    yield gdb.Value(number(node) - offset_of(type_name, member)).cast(
        type_pointer(type_name)).dereference()
    yield from tree_entries(node["right"], type_name, member)


def why_vmalloc(address):
    areas, guard = static_variable("mm/kmem/vmalloc.c", "areas"), False
    for area in tree_entries(areas["node"], "struct vm_area", "node"):
        start, end = number(area["start"]), number(area["start"]) + number(area["len"])
        what = enum_name(area["type"], "VM_AREA_")
        what = {"alloc": "vmalloc area", "stack": "kernel stack", "ioremap": "device mapping",
                "map": "mapping"}.get(what, what)
        owner = ""
        if str(area["type"]) == "VM_AREA_STACK":
            for thread in list_entries(variable("all_threads"), "struct thread", "all_node"):
                if number(thread["stack"]) == start:
                    owner = " of thread %d (%s)" % (number(thread["id"]), thread["name"].string())
        text = "%s 0x%08x-0x%08x%s" % (what, start, end, owner)
        caller = number(area["caller"])
        if caller:
            text += ", made by %s" % (symbol_at(caller) or hex(caller))
        if start <= address < end:
            print("  %s" % text)
            return
        # A guard page may lie between two areas: both are worth a line.
        if end <= address < end + PAGE_SIZE or start - PAGE_SIZE <= address < start:
            print("  guard page %s %s" % ("behind" if address >= end else "in front of", text))
            guard = True
    if not guard:
        print("  vmalloc space, in no area")


def why_pkmap(address):
    slot = (address - C.PKMAP_BASE) // PAGE_SIZE
    text = "  persistent kmap, slot %d of %d" % (slot, C.PKMAP_SLOTS)
    slots = static_variable("mm/kmem/kmap.c", "slots")
    if number(slots) and number(slots[slot]["page"]):
        text += ", pfn 0x%x" % pfn_of(slots[slot]["page"].dereference())
    print(text)


def why_kernel(address):
    lowmem_end = C.KERNEL_BASE + (number(variable("max_low_pfn")) << C.PAGE_SHIFT)
    symbol = symbol_at(address)
    if address < lowmem_end or symbol:
        print("  direct map")
        if symbol:
            print("  symbol %s" % symbol)
    elif address < C.VMALLOC_BASE:
        print("  between the direct map and vmalloc: nothing")
    elif address < C.VMALLOC_END:
        why_vmalloc(address)
    elif address < C.PKMAP_BASE + C.PKMAP_SLOTS * PAGE_SIZE:
        why_pkmap(address)
    elif C.FIXMAP_BASE <= address < C.FIXMAP_END:
        print("  fixmap, page %d" % ((address - C.FIXMAP_BASE) // PAGE_SIZE))
    elif address >= C.PDE_WINDOW:
        print("  page-table window: the PDE of 0x%08x" % ((address - C.PDE_WINDOW) // 4 << 22))
    elif address >= C.PTE_WINDOW:
        print("  page-table window: the PTE of 0x%08x" %
              ((address - C.PTE_WINDOW) // 4 << C.PAGE_SHIFT))
    else:
        print("  no use of this address is known")


class KWhy(Command):
    """k-why ADDR: whose an address is: area, symbol, slab object, frame."""

    def run(self, argument):
        address = evaluate(argument or fail("usage: k-why ADDR"))
        print("0x%08x" % address)
        if address < C.KERNEL_BASE:
            why_user(address)
        else:
            why_kernel(address)
        _, physical = walk(address)
        if physical is None:
            print("  not mapped")
        else:
            pfn = physical >> C.PAGE_SHIFT
            print("  physical 0x%08x, pfn 0x%x: %s" % (physical, pfn, page_text(pfn, address)))


KSlab("k-slab")
KWhy("k-why")
KPage("k-page")
KZones("k-zones")
KBuddy("k-buddy")
KWalk("k-walk")
KVmas("k-vmas")
KPs("k-ps")
