#!/usr/bin/python3
"""Write a cpio archive (format newc) from a list, without being root and the same bytes every time.

usage: mkinitrd.py LIST OUTPUT

Each line of LIST is one of
    dir PATH MODE
    file PATH SOURCE MODE
    link PATH TARGET
    node PATH MODE c|b MAJOR MINOR
Empty lines and lines starting with # are skipped. Modes are octal. Owner is root, every time stamp 0. Entries are sorted
by path and parent directories that are missing from the list are added with mode 755.
"""
import stat
import sys


def parse(lines):
    entries = {}
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        kind, path, rest = words[0], words[1].strip("/"), words[2:]
        if path in entries:
            raise SystemExit(f"line {number}: {path} stands twice in the list")
        entry = {"data": b"", "rdev": (0, 0)}
        if kind == "dir":
            entry["mode"] = stat.S_IFDIR | int(rest[0], 8)
        elif kind == "file":
            with open(rest[0], "rb") as source:
                entry["data"] = source.read()
            entry["mode"] = stat.S_IFREG | int(rest[1], 8)
        elif kind == "link":
            entry["mode"] = stat.S_IFLNK | 0o777
            entry["data"] = rest[0].encode()
        elif kind == "node":
            entry["mode"] = {"c": stat.S_IFCHR, "b": stat.S_IFBLK}[rest[1]] | int(rest[0], 8)
            entry["rdev"] = int(rest[2]), int(rest[3])
        else:
            raise SystemExit(f"line {number}: {kind}?")
        entries[path] = entry
    for path in list(entries):
        while "/" in path:
            path = path.rsplit("/", 1)[0]
            entries.setdefault(path, {"data": b"", "rdev": (0, 0), "mode": stat.S_IFDIR | 0o755})
    return entries


def pad(data):
    return data + b"\0" * (-len(data) % 4)


def record(name, inode, mode, links, data, rdev):
    fields = (inode, mode, 0, 0, links, 0, len(data), 0, 0, *rdev, len(name) + 1, 0)
    header = b"070701" + b"".join(b"%08X" % field for field in fields)
    return pad(header + name.encode() + b"\0") + pad(data)


def archive(entries):
    out = b""
    for inode, (path, entry) in enumerate(sorted(entries.items()), 1):
        links = 2 if stat.S_ISDIR(entry["mode"]) else 1
        out += record(path, inode, entry["mode"], links, entry["data"], entry["rdev"])
    out += record("TRAILER!!!", 0, 0, 1, b"", (0, 0))
    return out + b"\0" * (-len(out) % 512)


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    with open(sys.argv[1]) as lines:
        data = archive(parse(lines))
    with open(sys.argv[2], "wb") as output:
        output.write(data)


if __name__ == "__main__":
    main()
