"""Writes what `make test` adds up: a line "PASS n FAIL m SKIP k"."""
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(__file__))

# Programs that run here for comparison start as process 1's children do, whoever started us (a shell ignores SIGINT and
# SIGQUIT for its background jobs).
for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
    signal.signal(number, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption("--results", help="file for the line PASS n FAIL m")


def pytest_terminal_summary(terminalreporter, config):
    path = config.getoption("--results")
    if path:
        stats = terminalreporter.stats
        failed = len(stats.get("failed", [])) + len(stats.get("error", []))
        with open(path, "w", encoding="ascii") as file:
            file.write("PASS %d FAIL %d SKIP %d\n"
                       % (len(stats.get("passed", [])), failed, len(stats.get("skipped", []))))
