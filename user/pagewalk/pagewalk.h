#pragma once

#include "user/lib/proc.h"

/* An address of a process, and the area that it lies in. */
struct place {
	int pid;
	uint64_t address;
	struct mapping area;
};

/* --- place.c --- */

/*
 * Finds the place that `what` means: a hexadecimal address (with 0x or without), or a region:
 * `text` and `data` of the program, `heap`, `stack`, or a part of a name in PID/maps. Of a region
 * it is the first page that is present, else the first page. Returns false after saying why not.
 */
bool find_place(int pid, const char *what, struct place *to);

/* --- frame.c --- */

/* Says what is known of the frame, which was found at `place`: zone, flags, and who maps it. */
void print_frame(uint64_t frame, const struct place *place);
