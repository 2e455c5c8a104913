"""The tools that the other results rest on: a check that cannot fail proves nothing."""
import argparse
import importlib.util
import os
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def tool(path):
    spec = importlib.util.spec_from_file_location("tool", os.path.join(ROOT, path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def lint(tmp_path, monkeypatch):
    """lint.py in an empty repository; lint.write() puts a file there."""
    module = tool("tools/lint/lint.py")
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q"], check=True)

    def write(path, text):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)

    module.write = write
    return module


def test_lint_sees_an_include_of_a_higher_room(lint):
    lint.write("mm/vm/mm.h", "#pragma once\n")
    lint.write("mm/phys/buddy.c", '#include "mm/vm/mm.h"\n')
    lint.write("kernel/process/fork.c", '#include "mm/vm/mm.h"\n')
    assert lint.check_includes(None) == [
        "mm/phys/buddy.c:1: mm/phys (rank 2) may not include mm/vm/mm.h (rank 5)"]


def test_lint_without_git(lint):
    """In a copy without .git it reads the same files."""
    lint.write("mm/phys/buddy.c", '#include "mm/vm/mm.h"\n')
    lint.write("build/mm/phys/buddy.c", '#include "mm/vm/mm.h"\n')
    lint.write("mm/vm/mm.h", "#pragma once\n")
    listed = lint.files_in_tree("*.c", "*.h")
    os.rename(".git", ".gone")
    assert [path for path in listed if not path.startswith("build/")] == lint.files_in_tree("*.c", "*.h") != []
    assert len(lint.check_includes(None)) == 1


def test_lint_sees_neighbours_that_may_not_meet(lint):
    lint.write("fs/file.h", "#pragma once\n")
    lint.write("drivers/vga.c", '#include "fs/file.h"\n')
    assert len(lint.check_includes(None)) == 1


def test_lint_sees_a_call_behind_a_private_prototype(lint):
    lint.write("fs/file.c", "int file_open(void) { return 0; }\n")
    lint.write("lib/list.c", "int file_open(void); int f(void);\nint f(void) { return file_open(); }\n")
    for name in ("fs/file", "lib/list"):
        os.makedirs("out/" + os.path.dirname(name), exist_ok=True)
        subprocess.run(["i686-linux-gnu-gcc", "-c", name + ".c", "-o", "out/" + name + ".o"], check=True)
    errors = lint.check_symbols(argparse.Namespace(objects="out", nm="i686-linux-gnu-nm"))
    assert errors == ["lib/list.c (lib, rank 0) may not call file_open of fs/file.c (rank 6)"]


@pytest.mark.parametrize("line", [
    "extern int x;", '#include "mm/phys/buddy.c"', "#ifdef DEBUG", '\tasm volatile("hlt");'])
def test_lint_sees_a_forbidden_word(lint, line):
    lint.write("mm/phys/zone.c", "int y;\n" + line + "\n")
    assert len(lint.check_words(None)) == 1


def test_lint_leaves_comments_and_strings_alone(lint):
    lint.write("mm/phys/zone.c", '/*\nextern int x;\n*/\nconst char *s = "asm (x)"; // asm (y)\n')
    assert lint.check_words(None) == []


def run_suites(tmp_path, makefile):
    (tmp_path / "Makefile").write_text(makefile)
    out = subprocess.run([ROOT + "/tools/test-all", "results", "one", "two"], cwd=tmp_path,
                         env=dict(os.environ, MAKE="make"), capture_output=True, text=True)
    return out.returncode, out.stdout.splitlines()[-1]


def test_suites_are_added_up(tmp_path):
    assert run_suites(tmp_path, "one:\n\techo PASS 3 FAIL 0 > results/one\n"
                      "two:\n\techo PASS 4 FAIL 0 > results/two\n") == (0, "7 passed, 0 failed")


def test_a_failure_counts_and_the_rest_still_runs(tmp_path):
    assert run_suites(tmp_path, "one:\n\techo PASS 3 FAIL 2 > results/one; false\n"
                      "two:\n\techo PASS 4 FAIL 0 > results/two\n") == (1, "7 passed, 2 failed")


@pytest.mark.parametrize("recipe", ["false", "true", "echo PASS > results/one",
                                    "echo PASS 5 FAIL x > results/one",
                                    "echo PASS 5 FAIL 0 > results/one; false"])
def test_a_suite_that_breaks_is_a_failure(tmp_path, recipe):
    status, last = run_suites(tmp_path, "one:\n\t%s\n"
                              "two:\n\techo PASS 4 FAIL 0 > results/two\n" % recipe)
    assert status == 1
    assert last in ("4 passed, 1 failed", "9 passed, 1 failed")


def test_setup_elsewhere_says_what_to_install(tmp_path):
    """No Debian: a list of packages and status 1."""
    for name in ("sh", "id", "env"):
        os.symlink("/usr/bin/" + name, tmp_path / name)
    script = (tmp_path / "setup")
    with open(ROOT + "/tools/setup", encoding="ascii") as file:
        # The real script, but for the folders that it adds to the path.
        script.write_text(file.read().replace("PATH=$PATH:/usr/sbin:/sbin", ":"))
    out = subprocess.run(["/bin/sh", str(script)], env={"PATH": str(tmp_path)}, capture_output=True,
                         text=True)
    assert out.returncode == 1
    assert "gcc-i686-linux-gnu:" in out.stderr and "qemu-system-x86:" in out.stderr
