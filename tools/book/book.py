#!/usr/bin/python3
"""Run the commands of docs/BOOK.md on Pagoda, all of them in one shell, as a reader would type them.

usage: book.py [--update] [--qemu QEMU] [--kernel IMAGE] [--list LIST]

Without --update it says which commands fail. With it what they print also takes the place of what the book shows. A block
of commands starts with ``` on a line and then "$ COMMAND"; a line of "…" in what is shown stands for lines left out: with
--update the first and last lines, as many as were shown, stay.
"""
import argparse
import re
import subprocess
import sys
import tempfile

BOOK = "docs/BOOK.md"
BLOCK = re.compile(r"^```\n(\$ .*?)^```$", re.M | re.S)
MEMORY = 1024
MARK = "\x1e"  # stands in no command's output

PRELUDE = "export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root\ncd\n"


def split_block(block):
    """[(command, [line shown...])]"""
    commands = []
    for line in block.splitlines():
        if line.startswith("$ "):
            commands.append((line[2:], []))
        else:
            commands[-1][1].append(line)
    return commands


def commands_of(text):
    return [command for block in BLOCK.findall(text) for command in split_block(block)]


def script(commands):
    """A shell script that runs them and marks where each begins, and how it ended."""
    lines = [PRELUDE]
    for command, _ in commands:
        lines.append("printf '%s\\n'\n%s\nprintf '%s%%d\\n' $?\n" % (MARK, command, MARK))
    return "".join(lines)


def run(commands, qemu="qemu-system-i386", kernel="build/pagoda.elf", image="build/initrd-busybox.cpio.list", timeout=300):
    """[(status, output)], as many as came to their end."""
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/script", "w", encoding="utf-8") as file:
            file.write(script(commands))
        with open(image, encoding="utf-8") as file:
            entries = file.read()
        with open(folder + "/list", "w", encoding="utf-8") as file:
            file.write(entries + "file /root/book %s/script 644\n" % folder)
        subprocess.run([sys.executable, "user/mkinitrd.py", folder + "/list", folder + "/initrd"], check=True)
        done = subprocess.run(
            [qemu, "-accel", "tcg", "-m", str(MEMORY), "-display", "none", "-nic", "none", "-monitor", "none",
             "-no-reboot", "-serial", "stdio", "-kernel", kernel, "-initrd", folder + "/initrd",
             "-append", "panic=poweroff /bin/busybox sh /root/book then poweroff"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=timeout, check=False)
    text = done.stdout.decode("utf-8", "replace").replace("\r", "")
    return [(int(status), output) for output, status in re.findall(
        "%s\n(.*?)%s(\\d+)\n" % (MARK, MARK), text, re.S)]


def shorten(lines, shown):
    """Leave out where the book does."""
    if "…" not in shown:
        return lines
    head = shown.index("…")
    tail = len(shown) - head - 1
    if len(lines) <= head + tail:
        return lines
    return lines[:head] + ["…"] + (lines[-tail:] if tail else [])


def update(text, results):
    results = iter(results)

    def replace(match):
        out = ["```"]
        for command, shown in split_block(match.group(1)):
            lines = [line.rstrip() for line in next(results)[1].rstrip("\n").split("\n")]
            out += ["$ " + command] + [line for line in shorten(lines, shown) if line or len(lines) > 1]
        return "\n".join(out + ["```"])

    return BLOCK.sub(replace, text)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--qemu", default="qemu-system-i386")
    parser.add_argument("--kernel", default="build/pagoda.elf")
    parser.add_argument("--list", default="build/initrd-busybox.cpio.list")
    arguments = parser.parse_args()
    with open(BOOK, encoding="utf-8") as file:
        text = file.read()
    commands = commands_of(text)
    results = run(commands, arguments.qemu, arguments.kernel, arguments.list)
    failed = [(command, status, output) for (command, _), (status, output) in zip(commands, results) if status]
    for command, status, output in failed:
        print("status %d: %s\n%s" % (status, command, output))
    if len(results) < len(commands):
        print("did not end: %s" % commands[len(results)][0])
        return 1
    if arguments.update:
        with open(BOOK, "w", encoding="utf-8") as file:
            file.write(update(text, results))
    print("%d commands, %d failed" % (len(commands), len(failed)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
