"""The tour on this Linux, chapter by chapter; on Pagoda every machine of test_machines.py runs it."""
import os
import re
import subprocess

import pytest

TOUR = "build/user/tour"

needs_root = pytest.mark.skipif(not os.access("/proc/kpageflags", os.R_OK), reason="frames are told to root only")


def run(*words, status=0):
    done = subprocess.run([TOUR, *words], stdout=subprocess.PIPE, timeout=120, check=False, text=True)
    assert done.returncode == status, done.stdout
    return done.stdout


def chapters():
    return [line.split()[0] for line in run("-l").splitlines()]


def test_the_tour_lists_its_chapters():
    names = chapters()
    assert len(names) == len(set(names)) >= 19
    assert [line.split()[0] for line in run("nowhere", status=2).splitlines()[1:]] == names


# What a Linux that others use, too, shows for certain: how many claims hold, whatever they do.
CERTAIN = {"walk": 0, "space": 3, "tables": 3, "frames": 3, "zones": 2, "areas": 5, "heap": 7, "lazy": 5, "faults": 5, "cache": 5,
           "cow": 8, "shared": 4, "segv": 9, "sizes": 4}


def run_on_linux(*words):
    """Linux adds up resident pages now and then, so that a reading is sometimes a page behind: three trials."""
    for _ in range(3):
        done = subprocess.run([TOUR, *words], stdout=subprocess.PIPE, timeout=120, check=False, text=True)
        if done.returncode == 0:
            break
    assert done.returncode == 0, done.stdout
    return done.stdout


@needs_root
@pytest.mark.parametrize("name", CERTAIN)
def test_chapter_on_linux(name):
    text = run_on_linux(name)
    assert "NOT SO" not in text
    claims, hold, unseen = (int(number or 0) for number in re.search(
        r"^tour: (\d+) claims, (\d+) hold(?:, (\d+) cannot be seen here)?$", text, re.M).groups())
    assert hold + unseen == claims and hold >= CERTAIN[name], text
    # The count is of the lines that there are.
    assert claims == len(re.findall(r"^  \* .* (?:ok|unseen)$", text, re.M))
    if name == "walk":
        assert "Not shown here" in text


@needs_root
def test_whole_tour_on_linux():
    text = run_on_linux()
    assert re.findall(r"^--- (\d+)\. ", text, re.M) == [str(i + 1) for i in range(len(chapters()))]
    assert "NOT SO" not in text
