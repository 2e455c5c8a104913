#!/usr/bin/python3
"""Write the inputs that the fuzzers start from: one small valid file or two for each.

usage: seeds.py DIRECTORY
"""
import os
import struct
import sys

PAGE = 4096


def cpio_entry(name, mode, data=b"", magic=b"070701"):
    name += b"\0"
    check = sum(data) if magic == b"070702" else 0
    fields = [1, mode, 0, 0, 1, 0, len(data), 0, 0, 5, 1, len(name), check]
    out = magic + b"".join(b"%08X" % field for field in fields) + name
    out += bytes(-len(out) % 4)
    return out + data + bytes(-len(data) % 4)


def cpio(magic):
    return (cpio_entry(b".", 0o40755, magic=magic) + cpio_entry(b"./bin/init", 0o100755, b"\x7fELF....", magic)
            + cpio_entry(b"/dev/console", 0o20600, magic=magic) + cpio_entry(b"l", 0o120777, b"bin/init", magic)
            + cpio_entry(b"TRAILER!!!", 0, magic=magic))


def elf(kind, base):
    programs = [(6, 52, base + 52, 160, 160, 4), (3, 300, base + 300, 19, 19, 4),
                (1, 0, base, 600, 600, 5), (1, 600, base + PAGE + 600, 100, 3000, 6),
                (0x6474e551, 0, 0, 0, 0, 6)]
    out = b"\x7fELF\1\1\1" + bytes(9)
    out += struct.pack("<HHIIIIIHHHHHH", kind, 3, 1, base + 400, 52, 0, 0, 52, 32, len(programs), 0, 0, 0)
    for kind, offset, vaddr, filesz, memsz, flags in programs:
        out += struct.pack("<8I", kind, offset, vaddr, vaddr, filesz, memsz, flags, PAGE)
    out += bytes(300 - len(out)) + b"/lib/ld-linux.so.2\0"
    return out + bytes(700 - len(out))


def memory_map(lines):
    return b"".join(struct.pack("<QQB", base, length, kind) for base, length, kind in lines)


RANGES = [(0, 0x9fc00, 1), (0x9fc00, 0x400, 2), (0xf0000, 0x10000, 2), (0x100000, 0x1fee0000, 1),
          (0x1ffe0000, 0x20000, 3), (0xfffc0000, 0x40000, 2), (1 << 32, 1 << 30, 1)]


def multiboot1():
    lines = b"".join(struct.pack("<IQQI", 20, *line) for line in RANGES)
    base = 0x1000
    info = struct.pack("<11I", 0x24f, 639, 130048, 0, base + 128, 1, base + 240, 0, 0, 0, 0)
    info += struct.pack("<6I", len(lines), base + 300, 0, 0, 0, base + 200)
    out = info + bytes(128 - len(info)) + b"pagoda.elf console=ttyS0 a b\0"
    out += bytes(200 - len(out)) + b"qemu\0"
    out += bytes(240 - len(out)) + struct.pack("<4I", 0x200000, 0x212345, base + 270, 0)
    out += bytes(270 - len(out)) + b"initrd.cpio x\0"
    return b"\1" + out + bytes(300 - len(out)) + lines


def multiboot2():
    def tag(kind, body):
        out = struct.pack("<II", kind, len(body) + 8) + body
        return out + bytes(-len(out) % 8)

    lines = b"".join(struct.pack("<QQII", *line, 0) for line in RANGES)
    tags = (tag(1, b"console=tty0 a\0") + tag(2, b"GRUB 2.06\0")
            + tag(3, struct.pack("<II", 0x200000, 0x212345) + b"initrd\0") + tag(4, struct.pack("<II", 639, 130048))
            + tag(6, struct.pack("<II", 24, 0) + lines) + tag(14, b"RSD PTR " + bytes(12))
            + tag(15, b"RSD PTR " + bytes(28)) + tag(0, b""))
    return b"\0" + struct.pack("<II", len(tags) + 8, 0) + tags


FORMATS = b"%d|%5.3s|%-08x|%#llx|%hhu|%pS|%*d|%.*s|%c|%%|%zu|%+d|% ld"

SEEDS = {
    "cpio": [cpio(b"070701"), cpio(b"070702"), b"\x1f\x8b\x08"],
    "elf": [elf(2, 0x8048000), elf(3, 0)],
    "cmdline": [b'console=ttyS0 console=tty0 mem=64M init="/bin/x y" single -- mem=1 "q"', b"memmap=1M@16M selftest"],
    "memmap": [memory_map(RANGES),
               memory_map(RANGES + [(0, 16 << 20, 0x81), (8 << 20, 1 << 20, 0x80), (1 << 20, 4096, 0x82)])],
    "multiboot": [multiboot1(), multiboot2()],
    "printf": [FORMATS],
    "tty": [b"".join(b"\0" + bytes([c]) for c in b"ab\x7fc\x15d e\x17\t\x16\x03\n") + b"\4\x40\6\0\0x\4\5\5\033\5["],
    "vt": [b"a\r\nb\tc\x08\033[2;5H\033[1;31mred\033[0m\033[2J\033[3;5r\033M\n\033[4h\033[2@\033[3P\033[L\033[M",
           b"\xc3\xa9\xe2\x94\x80\033(0lq\033(B\0337\033[6n\0338\033]0;t\007\033[?25l\033[38;5;196m\033[?6h\033#8\033c"],
}


def main():
    for name, inputs in SEEDS.items():
        folder = os.path.join(sys.argv[1], name)
        os.makedirs(folder, exist_ok=True)
        for number, data in enumerate(inputs):
            with open(os.path.join(folder, "seed%d" % number), "wb") as file:
                file.write(data)


main()
