"""The commands of docs/BOOK.md: each still works, and the subjects are all there."""
import importlib.util
import re
import subprocess

import pytest

from test_debian import fetch

spec = importlib.util.spec_from_file_location("book", "tools/book/book.py")
book = importlib.util.module_from_spec(spec)
spec.loader.exec_module(book)


def text():
    with open(book.BOOK, encoding="utf-8") as file:
        return file.read()


@pytest.fixture(name="image", scope="module")
def fixture_image(tmp_path_factory):
    """The list of what the busybox image holds."""
    fetch("busybox-static")
    path = str(tmp_path_factory.mktemp("book") / "initrd")
    subprocess.run(["user/images/make", "busybox", path], check=True)
    return path + ".list"


def test_commands_succeed(image):
    commands = book.commands_of(text())
    results = book.run(commands, image=image)
    assert len(commands) > 25 and len(results) == len(commands), commands[len(results)]
    failed = [(command, status, output) for (command, _), (status, output) in zip(commands, results) if status]
    assert not failed, failed
    for (command, shown), (_, output) in zip(commands, results):
        assert "NOT SO" not in output, (command, output)
        # What the book shows is what this command prints: as many lines of claims, with the same words.
        claims = [re.sub(r"[-+\dx][0-9a-f]*|\s+", " ", line) for line in shown if line.startswith("  * ")]
        assert claims == [re.sub(r"[-+\dx][0-9a-f]*|\s+", " ", line) for line in output.splitlines() if line.startswith("  * ")]


def test_every_chapter_of_the_tour_is_in_the_book():
    listed = subprocess.run(["build/user/tour", "-l"], stdout=subprocess.PIPE, check=True, text=True).stdout
    shown = {command.split()[1] for command, _ in book.commands_of(text()) if command.startswith("tour ")} - {"-l"}
    # `walk` is what pagewalk shows, `space` what maps does.
    assert {line.split()[0] for line in listed.splitlines()} - shown == {"walk", "space"}


def test_a_failing_command_is_seen(image):
    """book.py runs what it is given, and says how it ended."""
    assert book.run([("echo one; (exit 3)", []), ("echo two", [])], image=image) == [(3, "one\n"), (0, "two\n")]
