/* mem= and memmap= of the command line. */
#pragma once

#include "mm/phys/memmap.h"

struct override_list {
	struct memmap_override at[MEMMAP_MAX_OVERRIDES];
	unsigned nr;
};

/*
 * All of them, in their order; what is not understood, or is too much, is said and left out. memmap=SIZE@ADDR counts as
 * far as memory answers there. info: what the loader said. While early_map() works.
 */
void overrides_read(struct override_list *list, const struct boot_info *info);
