"""Ten minutes of the mixed load, in the machine's own time. `make soak` is an hour of it."""
import random
import re

from long_run import ended_well, long_machine

SECONDS = 600


def test_mixed_load(tmp_path):
    seed = random.randrange(1 << 31)
    with long_machine(str(tmp_path), "soak", seed, SECONDS, 8, memory=64, shift=4) as m:
        m.expect(r"^soak: seed %d," % seed)
        text = m.finish(timeout=480)
    assert ended_well("soak", text) and "FAILED" not in text, text[-4000:]
    assert len(re.findall(r"^soak: minute \d+: ", text, re.M)) == SECONDS // 60, text[-4000:]
    jobs, given_up = re.search(r"^soak: (\d+) jobs, (\d+) given up without memory, all was right$", text, re.M).groups()
    assert int(jobs) > 1000 and int(given_up) < int(jobs) / 10, text[-4000:]
