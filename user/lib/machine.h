#pragma once

/* The whole of the machine, seen by a long test: is everything in order, and given back? Pagoda only. */
#include <stdbool.h>
#include <stdint.h>

struct machine {
	char counts[512], slabs[8192], mounts[2048];
};

/* What is in use. A structure that is read into twice costs no memory of its own the second time. */
void machine_read(struct machine *m);
/*
 * Whether as much is in use as before; says what is not. Only where nobody else runs, and all that
 * ran in between has ended.
 */
bool machine_is_same(struct machine *before, struct machine *after);
/* Whether every structure of the kernel is whole; says which is not. */
bool machine_check(void);
