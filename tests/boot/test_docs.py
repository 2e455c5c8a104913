"""What the documentation says is there: files, names, links, and the page fault that MEMORY.md follows."""
import glob
import os
import re
import subprocess

import pytest

from machine import KERNEL, Machine

DOCS = ["README.md", *sorted(glob.glob("docs/*.md"))]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


@pytest.fixture(scope="module")
def words():
    """Every name that occurs in a source file, and Linux's system calls, also those that are not here."""
    paths = [path for name in ("*.[ch]", "*.asm", "*.py", "*.ld", "*Makefile*") for path in glob.glob("**/" + name, recursive=True)
             if not path.startswith("build/")]
    calls = re.findall(r"__NR_(\w+)", read("build/uapi/asm/unistd_32.h"))
    return set(calls) | {word for path in paths for word in re.findall(r"\w+", read(path))}


@pytest.mark.parametrize("doc", DOCS)
def test_names_exist(doc, words):
    """`path/file.c` and `folder/` are files and folders, `some_name` and `some_name()` occur in the sources."""
    text = re.sub(r"^```.*?^```$", "", read(doc), flags=re.M | re.S)
    missing = []
    for quoted in re.findall(r"`([^`\n]+)`", text):
        if re.fullmatch(r"\.?[\w-]+(/[\w.-]+)*/|[\w-]+(/[\w-]+)+\.\w+", quoted) and \
                not quoted.startswith("build/"):
            if not os.path.exists(quoted) and not glob.glob("*/" + quoted):
                missing.append(quoted)
        elif re.fullmatch(r"[a-z]\w*_\w+(\(\))?", quoted) and quoted.rstrip("()") not in words:
            missing.append(quoted)
    assert not missing


@pytest.mark.parametrize("doc", DOCS)
def test_links_lead_somewhere(doc):
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", read(doc)):
        if not link.startswith("http"):
            assert os.path.exists(os.path.join(os.path.dirname(doc), link)), link


def test_one_fault():
    """The gdb script of MEMORY.md stops at all its places and sees one fault make one page."""
    with Machine(memory=1024, cpu="pentium3", gdb=True, extra=["-S"],
                 cmdline="/bin/one-fault then stay") as m:
        while not os.path.exists(m.gdb_socket):
            assert m.process.poll() is None
        out = subprocess.run(
            ["gdb", "-q", "-batch", "-nx", "-iex", "set auto-load safe-path /", KERNEL, "-ex",
             "target remote " + m.gdb_socket, "-ex", "source tools/gdb/one-fault.gdb"],
            capture_output=True, text=True, timeout=120)
    text = out.stdout
    assert "Error" not in out.stderr and "Traceback" not in out.stderr, out.stderr + text
    parts = re.split(r"^=== \d\. ", text, flags=re.M)
    assert len(parts) == 6, text + out.stderr
    eip = re.search(r"error code 6  eip 001b:(\w+)", parts[1]).group(1)
    assert re.search(r"PDE +256 .*: 0x00000000 empty", parts[1])
    assert re.search(r"^vma 40000000-40400000 ", parts[2], re.M)
    assert re.search(r"PTE +0 at 0xffd00000: 0x00000000 empty", parts[2])
    pfn = re.search(r"^pfn (0x\w+), .*zone HighMem, .*refcount 1, mapcount 0", parts[3], re.M).group(1)
    assert re.search(r"PTE +0 at 0xffd00000: %sa67 " % pfn, parts[4])
    assert re.search(r"^pfn %s, .*anonymous, refcount 1, mapcount 1" % pfn, parts[4], re.M)
    assert "eip %s  cs 001b" % eip in parts[5] and "120 'x'" in parts[5]
