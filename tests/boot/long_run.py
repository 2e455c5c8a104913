"""Runs one of the long tests by hand, and shows what it says:

    long_run.py soak [SEED [SECONDS [PROCESSES]]]       the mixed load; an hour of the machine's time by default
    long_run.py fuzz [SEED [CALLS [PROCESSES]]]         random system calls; ten million by default

The machine's time is that of its instructions (-icount): a run repeats exactly, and where the machine sleeps no time
passes here. Options: MEM megabytes, SHIFT (an instruction takes 2^SHIFT ns), BUILD, from the environment.
"""
import os
import random
import re
import sys
import tempfile

from machine import Machine, MachineError
from programs import archive

USER = "build/user/"
PROGRAMS = {"soak": ("soak", 3600, 8), "fuzz": ("fuzz-syscalls", 10000000, 4)}


def long_machine(folder, which, seed, amount, processes, memory=128, shift=3, **options):
    """A machine that does so much of it, and then switches itself off."""
    name = PROGRAMS[which][0]
    initrd = archive(os.path.join(folder, "initrd"), {
        "init": USER + "init", "bin/" + name: USER + name, "bin/true": USER + "true"})
    return Machine(memory=memory, initrd=initrd, extra=["-icount", "shift=%d,sleep=off" % shift], **options,
                   cmdline="panic=poweroff /bin/%s %d %d %d then poweroff" % (name, seed, amount, processes))


def ended_well(which, text):
    return "init: %s: exited with 0\n" % PROGRAMS[which][0] in text


def main():
    which = sys.argv[1]
    words = [int(word) for word in sys.argv[2:] if word]
    seed, amount, processes = (words + [random.randrange(1 << 31), *PROGRAMS[which][1:]][len(words):])[:3]
    with tempfile.TemporaryDirectory() as folder, \
            long_machine(folder, which, seed, amount, processes, memory=int(os.environ.get("MEM") or 128),
                         shift=int(os.environ.get("SHIFT") or 3)) as m:
        try:
            while True:
                print(m.expect(r"^(soak|fuzz|machine|init|PANIC): .*\n", timeout=3600).group(), end="", flush=True)
        except MachineError:
            pass  # it has ended
    if not ended_well(which, m.text) or re.search("^PANIC", m.text, re.M):
        sys.exit(m.text[-4000:])


if __name__ == "__main__":
    main()
