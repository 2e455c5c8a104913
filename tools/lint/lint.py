#!/usr/bin/env python3
"""make lint: what a compiler does not check.

ranks     a file includes and calls only rooms of its own rank or lower (over #include lines, and
          over the undefined symbols of the objects, so that a prototype of one's own cannot get
          round it)
boot      nothing refers to what is given back when the boot is over (__init, lib/compiler.h)
words     constructs that the house style forbids
format    clang-format changes nothing
shell     shellcheck has nothing to say about the scripts
cppcheck  nor cppcheck about the kernel
clang     the kernel also compiles under clang without a warning
"""
import argparse
import concurrent.futures
import fnmatch
import os
import re
import shlex
import subprocess
import sys

RANKS = {
    "lib": 0,
    "arch/i386/cpu": 1,
    "mm/phys": 2,
    "mm/kmem": 3,
    "kernel/core": 4,
    "mm/vm": 5,
    "drivers": 6,
    "fs": 6,
    "kernel/process": 7,
    "kernel/report": 8,
    "kernel/debug": 8,
    "boot": 9,
    "arch/i386/entry": 9,
}
# Rooms of one rank that may not know each other, all other pairs of one rank may.
APART = [{"drivers", "fs"}, {"kernel/report", "kernel/debug"}]


def room_of(path):
    """The room a source path lies in, or None (headers of the compiler and the ABI)."""
    folder = os.path.dirname(path)
    return folder if folder in RANKS else None


def may_use(user, used):
    return RANKS[user] >= RANKS[used] and {user, used} not in APART


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def run(command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def files_in_tree(*patterns):
    # What exists, not only what is committed: lint should speak before the commit does.
    out = run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns])
    if out.returncode == 0:
        return [path for path in out.stdout.split() if os.path.exists(path)]
    # A copy without .git, or of another owner, of which git says nothing: all that was not built.
    paths = [os.path.join(folder, name)[2:] for folder, _, names in os.walk(".") for name in names]
    return sorted(path for path in paths if not path.startswith(("build/", ".git/"))
                  and any(fnmatch.fnmatch(path, pattern) for pattern in patterns))


def kernel_files():
    return [path for path in files_in_tree("*.c", "*.h", "*.asm", "*.inc") if room_of(path)]


def check_includes(_):
    errors = []
    for path in kernel_files():
        room = room_of(path)
        for number, line in enumerate(read(path).splitlines(), 1):
            match = re.match(r'\s*[#%]\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            target = match.group(1)
            where = "%s:%d" % (path, number)
            if path.endswith(".asm") and target == "offsets.inc":
                continue
            if not os.path.exists(target):
                errors.append('%s: "%s" is not a path from the root' % (where, target))
                continue
            used = room_of(target)
            if not used:
                errors.append('%s: "%s" lies in no room of the kernel' % (where, target))
            elif not may_use(room, used):
                errors.append("%s: %s (rank %d) may not include %s (rank %d)"
                              % (where, room, RANKS[room], target, RANKS[used]))
    return errors


def symbols(nm, path):
    """The names that an object defines for others, and those it takes from others."""
    out = run([nm, "-g", path])
    if out.returncode:
        raise RuntimeError(out.stderr)
    defined, undefined = set(), set()
    for line in out.stdout.splitlines():
        fields = line.split()
        (undefined if fields[-2] in "Uwv" else defined).add(fields[-1])
    return defined, undefined


def check_symbols(args):
    errors, owner, uses = [], {}, []
    sources = [path for path in kernel_files() if path.endswith((".c", ".asm"))]
    for source in sources:
        base = source[:-2] if source.endswith(".c") else source
        path = "%s/%s.o" % (args.objects, base)
        if source.endswith("/offsets.c"):
            continue
        if not os.path.exists(path):
            errors.append("%s: no object; lint needs a finished build" % path)
            continue
        defined, undefined = symbols(args.nm, path)
        for name in defined:
            owner[name] = source
        uses.append((source, undefined))
    for source, undefined in uses:
        room = room_of(source)
        for name in sorted(undefined):
            if name not in owner:
                continue  # set by the linker script or by the symbol table
            used = room_of(owner[name])
            if not may_use(room, used):
                errors.append("%s (%s, rank %d) may not call %s of %s (rank %d)"
                              % (source, room, RANKS[room], name, owner[name], RANKS[used]))
    return errors


def check_init(args):
    """Relocations of sections that stay against what lies in sections that go."""
    objdump, errors, goes, relocations = re.sub("nm$", "objdump", args.nm), [], set(), []
    for source in [path for path in kernel_files() if path.endswith((".c", ".asm"))]:
        path = "%s/%s.o" % (args.objects, source[:-2] if source.endswith(".c") else source)
        if not os.path.exists(path):
            continue
        section = ""
        for line in run([objdump, "-tr", path]).stdout.splitlines():
            fields = line.split()
            match = re.match(r"RELOCATION RECORDS FOR \[(.*)\]", line)
            if match:
                section = match.group(1)
            elif section and len(fields) == 3 and fields[1].startswith("R_386"):
                if not re.match(r"\.(init|bss\.init|text\.calls_init|debug|eh_frame)", section):
                    relocations.append((source, section, re.sub(r"[+-]0x.*", "", fields[2])))
            elif not section and len(fields) >= 5 and re.search(r" g .* \.(init\.\w+|bss\.init)\s", line):
                goes.add(fields[-1])
    for source, section, name in relocations:
        if name in goes or re.match(r"\.(init\.|bss\.init)", name):
            errors.append("%s: %s refers to %s, which is gone after the boot" % (source, section, name))
    return sorted(set(errors))


def without_comments(text):
    """The text with comments and strings blanked, line numbers kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


WORDS = [
    # (files, pattern, what to say)
    (r"\.c$", r"^\s*extern\b", "extern in a .c file: the header is the contract"),
    (r"\.[ch]$", r"#\s*if(n?def)?\b.*\bDEBUG\b", "#if DEBUG: write if (DEBUG), so that both compile"),
    (r"^(?!arch/i386/|lib/(compiler|math64|panic|string)\.).*\.[ch]$", r"\b(asm|__asm__)\s*(volatile|goto|\()",
     "inline assembly outside arch/i386/ and the few places in lib/ that need it"),
]


def check_words(_):
    errors = []
    for path in kernel_files():
        text = read(path)
        if path.endswith(".h") and "#pragma once" not in text:
            errors.append("%s: no #pragma once" % path)
        for number, line in enumerate(text.splitlines(), 1):
            if re.match(r'\s*#\s*include\s+"[^"]+\.c"', line):
                errors.append("%s:%d: a .c file is included" % (path, number))
        if path.endswith((".c", ".h")):
            for number, line in enumerate(without_comments(text).splitlines(), 1):
                for files, pattern, message in WORDS:
                    if re.search(files, path) and re.search(pattern, line):
                        errors.append("%s:%d: %s" % (path, number, message))
    return errors


def check_format(_):
    files = files_in_tree("*.c", "*.h")
    out = run(["clang-format", "--dry-run", "-Werror", *files]) if files else None
    return out.stderr.splitlines() if out and out.returncode else []


def check_shell(_):
    files = [path for path in files_in_tree("tools/*", "tests/*", ".ci/*")
             if os.path.isfile(path) and re.match(rb"#!/bin/(ba)?sh", open(path, "rb").read(16))]
    out = run(["shellcheck", *files])
    return out.stdout.splitlines() if out.returncode else []


def check_cppcheck(args):
    files = [path for path in kernel_files() if path.endswith(".c")]
    if not files:
        return []
    out = run(["cppcheck", "-q", "-j2", "--enable=warning,portability,performance", "--std=c11",
               "--platform=unix32", "--inline-suppr", "--error-exitcode=1", "-I.", "-DDEBUG=1",
               "-D__i386__=1", "-isystem" + args.uapi,
               "--suppressions-list=tools/lint/cppcheck-suppressions",
               "--template={file}:{line}: {severity}: {message} [{id}]", *files])
    return (out.stderr + out.stdout).splitlines() if out.returncode else []


def check_clang(args):
    files = [path for path in args.sources.split()]
    include = run([args.clang, "-print-resource-dir"]).stdout.strip() + "/include"

    def compile_one(path):
        out = run([args.clang, "--target=i686-linux-gnu", *shlex.split(args.cflags),
                   "-isystem", include, "-c", path, "-o", "/dev/null"])
        return out.stderr.splitlines() if out.returncode else []

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [line for lines in pool.map(compile_one, files) for line in lines]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", required=True)
    parser.add_argument("--sources", required=True)
    parser.add_argument("--cflags", required=True)
    parser.add_argument("--uapi", default="build/uapi")
    args = parser.parse_args()
    args.nm = os.environ.get("NM", "nm")
    args.clang = os.environ.get("CLANG", "clang")
    bad = 0
    for name, check in [("ranks of includes", check_includes), ("ranks of symbols", check_symbols),
                        ("boot", check_init), ("words", check_words), ("format", check_format), ("shell", check_shell),
                        ("cppcheck", check_cppcheck), ("clang", check_clang)]:
        errors = check(args)
        print("lint: %-18s %s" % (name, "%d lines" % len(errors) if errors else "ok"), flush=True)
        for error in errors:
            print("  " + error)
        bad += bool(errors)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
