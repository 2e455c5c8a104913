#!/usr/bin/python3
"""Make the files that the ABI tests look at, and the image's list of what lies where.

usage: mkdata.py FOLDER TEST...     writes FOLDER/..., and the list of entries for user/mkinitrd.py on standard output
"""
import os
import sys


def elf_header(machine=3):
    """52 bytes of an i386 executable's header; nothing of what it promises follows."""
    words = lambda size, *values: b"".join(value.to_bytes(size, "little") for value in values)
    return (b"\x7fELF\x01\x01\x01" + b"\0" * 9 + words(2, 2, machine)
            + words(4, 1, 0x8048054, 52, 0, 0) + words(2, 52, 32, 1, 40, 0, 0))


FILES = {
    # name: (mode, content)
    "text": ("644", "".join("line %d of the text\n" % n for n in range(1, 1000)).encode()[:10000]),
    "empty": ("644", b""),
    "scratch": ("644", b"s" * 100),
    # whole pages: what a mapping writes behind the end of a file may vanish when Linux writes it back
    "shared": ("644", b"shared.." * 1024),
    "exec-empty": ("755", b""),
    "exec-text": ("755", b"not a program\n"),
    "exec-short": ("755", elf_header()[:40]),
    "exec-machine": ("755", elf_header(machine=40)),
}
LINKS = {"link": "text", "dangling": "nothing", "up": "..", "loop": "loop"}


def main():
    folder, tests = sys.argv[1], sys.argv[2:]
    os.makedirs(folder, exist_ok=True)
    for name, (mode, content) in sorted(FILES.items()):
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(content)
        print("file /tests/data/%s %s %s" % (name, path, mode))
    for name, target in LINKS.items():
        print("link /tests/data/%s %s" % (name, target))
    with open(os.path.join(folder, "list"), "w") as file:
        file.writelines(os.path.basename(test) + "\n" for test in tests
                        if os.path.basename(test) != "args")
    print("file /tests/list %s 644" % os.path.join(folder, "list"))
    for test in tests:
        print("file /tests/abi/%s %s 755" % (os.path.basename(test), test))


if __name__ == "__main__":
    main()
