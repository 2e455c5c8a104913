#!/usr/bin/env python3
"""make bench: what operations cost, in instructions.

The program /bin/bench runs in a machine whose time-stamp counter counts guest instructions
(`-icount shift=0`), so two runs give the same numbers. It prints "bench NAME min=N median=N".
The operations, their targets and what other kernels take stand in one place, the table of
docs/PERFORMANCE.md; --update writes what was measured into its last column.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(__file__)
MACHINE = ["-accel", "tcg", "-icount", "shift=0,sleep=off", "-cpu", "pentium3",
           "-display", "none", "-nic", "none", "-serial", "stdio", "-monitor", "none", "-no-reboot"]


def run(command, **kwargs):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **kwargs).stdout


def boot(qemu, kernel, initrd=None, cmdline="", memory=512):
    command = [qemu, *MACHINE, "-m", str(memory), "-kernel", kernel, "-append", cmdline]
    command += ["-initrd", initrd] if initrd else []
    try:
        return run(command, stdin=subprocess.DEVNULL, timeout=300).decode("latin-1")
    except subprocess.TimeoutExpired as late:
        sys.exit("bench: the machine did not end; it said:\n" + late.output.decode("latin-1")[-3000:])


def assemble(tree, name, address, output):
    path = os.path.join(tree, name)
    cross = os.environ.get("CROSS_COMPILE", "i686-linux-gnu-")
    run(["nasm", "-f", "elf32", os.path.join(HERE, name + ".asm"), "-o", path + ".o"])
    # -n: a multiboot header has to lie near the start of the file, so no room for page alignment.
    layout = ["-n"] if name == "entry" else ["-z", "separate-code"]
    run([cross + "ld", "-m", "elf_i386", *layout, "-Ttext-segment=0x%x" % address, path + ".o",
         "-o", output])


def first_instruction(qemu, kernel):
    """Instructions from the kernel's entry to the first of process 1."""
    with tempfile.TemporaryDirectory() as tree:
        entry, init = os.path.join(tree, "entry.elf"), os.path.join(tree, "init")
        assemble(tree, "entry", 0x100000, entry)
        assemble(tree, "first", 0x08048000, init)
        archive = run(["cpio", "-o", "-H", "newc", "--quiet"], input=b"init\n", cwd=tree)
        initrd = os.path.join(tree, "initrd")
        with open(initrd, "wb") as file:
            file.write(archive)
        before = re.search(r"^([0-9a-f]{8})$", boot(qemu, entry), re.M)
        text = boot(qemu, kernel, initrd)
        after = re.search(r"^first ([0-9a-f]{8})", text, re.M)
        if not before or not after:
            sys.exit("bench: process 1 was not reached:\n" + text[-3000:])
        return (int(after.group(1), 16) - int(before.group(1), 16)) & 0xFFFFFFFF


# | operation | `name` | Linux 6.1 | Fiwix | floor | target | measured |
ROW = re.compile(r"^\| ([^|]+) \| `([a-z0-9-]+)` \|([^|]*)\|[^|]*\|[^|]*\| ([0-9,]+) \|[^|]*\|$", re.M)


def number(text):
    return int(text.replace(",", ""))


def table(path):
    """(name, operation, what Linux takes, target) of each row."""
    with open(path, encoding="utf-8") as file:
        rows = ROW.findall(file.read())
    return [(name, what.strip(), linux.strip(), number(target)) for what, name, linux, target in rows]


def write_measured(path, name, median):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"^(\| [^|]+ \| `%s` \|.*\|)[^|]*\|$" % name, r"\1 %s |" % format(median, ","), text,
                  flags=re.M)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def not_free(qemu, kernel, initrd):
    """KB of a 64 MB machine that are neither free nor the boot's own when process 1 starts."""
    text = boot(qemu, kernel, initrd, "/bin/true then poweroff", memory=64)
    free = re.search(r"^free: (\d+) KB", text, re.M)
    given_back = re.findall(r"^ +(\d+)  boot .*\(given back", text, re.M)
    if not free or len(given_back) != 2:
        sys.exit("bench: no report at boot:\n" + text[-3000:])
    return 64 * 1024 - int(free.group(1)) - 4 * sum(map(int, given_back))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--qemu", default="qemu-system-i386")
    parser.add_argument("--kernel", default="build/pagoda.elf")
    parser.add_argument("--initrd", default="build/initrd.cpio")
    parser.add_argument("--table", default="docs/PERFORMANCE.md")
    parser.add_argument("--update", action="store_true", help="write the results into the table")
    args = parser.parse_args()

    measured = {}
    text = boot(args.qemu, args.kernel, args.initrd, "/bin/bench then poweroff")
    for match in re.finditer(r"^bench (\S+) min=(\d+) median=(\d+)", text, re.M):
        measured[match.group(1)] = (int(match.group(2)), int(match.group(3)))
    if not measured:
        sys.exit("bench: /bin/bench measured nothing:\n" + text[-3000:])
    boot_cost = first_instruction(args.qemu, args.kernel)
    measured["first-instruction"] = (boot_cost, boot_cost)
    kilobytes = not_free(args.qemu, args.kernel, args.initrd)
    measured["not-free"] = (kilobytes, kilobytes)

    line = "%-44s %10s %10s %10s %12s  %s"
    print(line % ("operation (guest instructions)", "min", "median", "target", "Linux 6.1", ""))
    for name, what, linux, target in table(args.table):
        if name not in measured:
            print(line % (what, "", "", target, linux, "not measured"))
            continue
        low, median = measured.pop(name)
        verdict = "met" if median <= target else \
            "missed by %d%%" % round(100 * (median - target) / target)
        print(line % (what, low, median, target, linux, verdict))
        if args.update:
            write_measured(args.table, name, median)
    for name, (low, median) in sorted(measured.items()):
        print(line % (name, low, median, "", "", "not in " + args.table))


main()
