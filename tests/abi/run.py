#!/usr/bin/python3
"""Run the ABI tests on this Linux and on Pagoda and compare what they print.

A test is a program of the image. Its result is every line that starts with "| ", and how it ended. On Linux the image's
tree is laid out in a folder and the tests run in it, as i386 programs, with the limits that Pagoda has (8 MB of stack) and,
where this Linux permits it, with process numbers, mounts and a host name of their own. On Pagoda they run in one boot.

When all of them ran, every system call that Pagoda has must have been made by one of them, and docs/ABI.md must list exactly
those calls.

usage: run.py --kernel IMAGE --initrd CPIO --list LIST --results FILE [--linux-only] [--show] [--repeat N] [TEST...]
"""
import argparse
import ctypes
import difflib
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

PER_LINUX = 0x0000
PER_LINUX32 = 0x0008  # uname says i686
ADDR_LIMIT_3GB = 0x8000000
TIMEOUT = 300
LINUX_ASKED_AGAIN = 2


def lay_out(list_file, root):
    """Make the tree that the archive holds, device nodes apart."""
    with open(list_file) as lines:
        for line in lines:
            words = line.split()
            path = os.path.join(root, words[1].strip("/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if words[0] == "dir":
                os.makedirs(path, exist_ok=True)
            elif words[0] == "file":
                shutil.copyfile(words[2], path)
                os.chmod(path, int(words[3], 8))
            elif words[0] == "link":
                os.symlink(words[2], path)


def linux_limits():
    """In the child, before exec: an i686 with an address space of 3 GB, as much stack as Pagoda gives, no core files;
    and no signal is ignored or blocked, whoever started us (a shell ignores SIGINT for its background jobs)."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in range(1, signal.SIGRTMIN):
        if number not in (signal.SIGKILL, signal.SIGSTOP) and signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    ctypes.CDLL(None).personality(PER_LINUX | PER_LINUX32 | ADDR_LIMIT_3GB)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_STACK, (8 << 20, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    os.umask(0o022)


def on_linux(list_file, tests):
    with tempfile.TemporaryDirectory(prefix="abi-root-") as root:
        os.chmod(root, 0o755)
        lay_out(list_file, root)
        inside = ["/tests/all", *tests]
        attempts = [
            ["unshare", "-pfmu", "--kill-child", "-R", root, *inside],
            ["unshare", "-Urpfmu", "--kill-child", "-R", root, *inside],
        ]
        for command in attempts:
            done = subprocess.run(command, cwd=root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=TIMEOUT, preexec_fn=linux_limits, check=False)
            if b"=== " in done.stdout:
                return done.stdout.decode("latin-1")
        # They mount and change what they find: never outside a root and name spaces of their own.
        raise SystemExit("the tests need root, or user name spaces, and / to be a mount: %s" % done.stderr.decode())


def on_pagoda(arguments, tests):
    command = [arguments.qemu, "-accel", "tcg", "-m", str(arguments.memory), "-cpu", arguments.cpu, "-display", "none",
               "-nic", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot", "-kernel", arguments.kernel,
               "-initrd", arguments.initrd, "-append", " ".join(["/tests/all", *tests])]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=TIMEOUT, check=False)
        text = done.stdout
    except subprocess.TimeoutExpired as late:
        text = (late.stdout or b"") + b"\n(the machine did not end in %d s)\n" % TIMEOUT
    return text.decode("latin-1").replace("\r", "")


def split(text):
    """{test: [line...]}; a test whose end is missing has a last line that says so."""
    results, name = {}, None
    for line in text.splitlines():
        start = re.match(r"=== (\S+)$", line)
        end = re.match(r"--- (\S+): (.*)$", line)
        if start:
            if name:
                results[name].append("(no end)")
            name = None if start.group(1) in ("calls", "end") else start.group(1)
            if name:
                results[name] = []
        elif end and end.group(1) == name:
            results[name].append("ended: " + end.group(2))
            name = None
        elif name and line.startswith("| "):
            results[name].append(line[2:])
    if name:
        results[name].append("(no end)")
    return results


def calls_of(text):
    """{name: times} from what tests/all says at its end, or {} if it did not get there."""
    part = text.partition("=== calls\n")[2].partition("--- calls")[0]
    return {name: int(times) for name, times in re.findall(r"^\d+ (\w+) (\d+)$", part, re.M)}


def documented_calls(path):
    """The names in the table of docs/ABI.md between the two marks."""
    with open(path, encoding="utf-8") as file:
        part = file.read().partition("<!-- calls -->")[2].partition("<!-- /calls -->")[0]
    rows = [row for row in part.splitlines() if row.startswith("|")]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[2])}


def check_calls(text, doc):
    """What is wrong with the calls: a list of lines."""
    calls = calls_of(text)
    listed = documented_calls(doc)
    wrong = ["no test makes the call " + name for name, times in calls.items() if not times]
    wrong += ["%s lacks the call %s" % (doc, name) for name in sorted(calls.keys() - listed)]
    wrong += ["%s has the call %s, the kernel has not" % (doc, name) for name in sorted(listed - calls.keys())]
    return wrong if calls else ["no counts of calls at the end"]


def show_difference(before, after):
    for line in difflib.unified_diff(before, after, lineterm="", n=1):
        if not line.startswith(("---", "+++")):
            print("      " + line)


def linux_says_too(arguments, name, lines, got):
    """Whether Linux, asked again, prints what Pagoda did: what other work on a large machine does to its memory
    (write-back, migration, the lists of each processor) is now and then seen by a test."""
    for _ in range(LINUX_ASKED_AGAIN):
        again = split(on_linux(arguments.list, [name])).get(name)
        if again == got:
            print("      %s: Linux itself printed, at first and then" % name)
            show_difference(lines, again)
            return True
    return False


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--qemu", default="qemu-system-i386")
    parser.add_argument("--kernel")
    parser.add_argument("--initrd")
    parser.add_argument("--list", required=True)
    parser.add_argument("--results")
    parser.add_argument("--doc", default="docs/ABI.md")
    parser.add_argument("--memory", default=256)
    parser.add_argument("--cpu", default="max")
    parser.add_argument("--linux-only", action="store_true", help="show what this Linux prints")
    parser.add_argument("--show", action="store_true", help="show all that Pagoda says")
    parser.add_argument("tests", nargs="*")
    arguments = parser.parse_args()

    linux_text = on_linux(arguments.list, arguments.tests)
    expected = split(linux_text)
    if arguments.linux_only:
        print(linux_text)
        return 0
    text = on_pagoda(arguments, arguments.tests)
    if arguments.show:
        print(text)
    found = split(text)
    passed = checks = 0
    for name, lines in expected.items():
        got = found.get(name, ["(not started)"])
        checks += len(lines)
        if got == lines or linux_says_too(arguments, name, lines, got):
            passed += 1
            print("ok    %s (%d lines)" % (name, len(lines)))
            continue
        print("FAIL  %s: - Linux, + Pagoda" % name)
        show_difference(lines, got)
    failed = len(expected) - passed
    if not arguments.tests:
        for wrong in check_calls(text, arguments.doc):
            failed += 1
            print("FAIL  " + wrong)
    print("abi-test: %d checks in %d programs" % (checks, len(expected)))
    if failed and not found:
        print("--- the end of what the machine said:\n%s" % text[-3000:])
    print("abi: %d passed, %d failed" % (passed, failed))
    if arguments.results:
        with open(arguments.results, "w") as file:
            file.write("PASS %d FAIL %d\n" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
