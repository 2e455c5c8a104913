/*
 * Tests inside the machine, on request (selftest on the command line; selftest=NAME runs one).
 * Those that end the machine (doublefault, panic, rodata-write) run only by name.
 */
#pragma once

#include "lib/compiler.h"

/* which: NULL or "" for all. Prints a line for each and "selftest: N passed, N failed". */
void selftest_run(const char *which);
