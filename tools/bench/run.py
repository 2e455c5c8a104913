#!/usr/bin/env python3
"""make bench: what operations cost, in instructions.

The program /bin/bench runs in a machine whose time-stamp counter counts guest instructions
(`-icount shift=0`), so two runs give the same numbers. It prints "bench NAME min=N median=N".
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(__file__)
MACHINE = ["-accel", "tcg", "-icount", "shift=0,sleep=off", "-cpu", "pentium3", "-m", "512",
           "-display", "none", "-nic", "none", "-serial", "stdio", "-monitor", "none", "-no-reboot"]


def run(command, **kwargs):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **kwargs).stdout


def boot(qemu, kernel, initrd=None, cmdline=""):
    command = [qemu, *MACHINE, "-kernel", kernel, "-append", cmdline]
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--qemu", default="qemu-system-i386")
    parser.add_argument("--kernel", default="build/pagoda.elf")
    parser.add_argument("--initrd", default="build/initrd.cpio")
    parser.add_argument("--markdown", action="store_true", help="the table of docs/PERFORMANCE.md")
    args = parser.parse_args()

    measured = {}
    text = boot(args.qemu, args.kernel, args.initrd, "/bin/bench then poweroff")
    for match in re.finditer(r"^bench (\S+) min=(\d+) median=(\d+)", text, re.M):
        measured[match.group(1)] = (int(match.group(2)), int(match.group(3)))
    if not measured:
        sys.exit("bench: /bin/bench measured nothing:\n" + text[-3000:])
    boot_cost = first_instruction(args.qemu, args.kernel)
    measured["first-instruction"] = (boot_cost, boot_cost)

    rows = []
    with open(os.path.join(HERE, "targets"), encoding="ascii") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                name, what, target, linux = [field.strip() for field in line.split("|")]
                if name in measured:
                    rows.append((what, *measured.pop(name), int(target), int(linux)))
    rows += [(name, low, median, None, None) for name, (low, median) in sorted(measured.items())]

    line = "| %s | %s | %s | %s | %s | %s |" if args.markdown else "%-44s %10s %10s %10s %12s  %s"
    print(line % ("operation (guest instructions)", "min", "median", "target", "Linux 6.1", ""))
    if args.markdown:
        print("|---|---|---|---|---|---|")
    for what, low, median, target, linux in rows:
        verdict = "" if target is None else "met" if median <= target else \
            "missed by %d%%" % round(100 * (median - target) / target)
        print(line % (what, low, median, target or "", linux or "", verdict))


main()
