/* Physical memory before there is a direct map: a window of 4 MB that is moved. */
#pragma once

#include "lib/types.h"

/* Makes [addr, addr + len) readable until the next call; NULL if it is longer than the window allows. */
const void *early_map(paddr_t addr, u32 len);
/* Whether a frame is memory: what is written to it can be read again. What was in it is put back; early_map()'s last range
 * is lost. */
bool early_memory_answers(u32 pfn);
/* Takes the window and the boot tables away; [*start, *end) is their memory, to be given back. */
void early_map_close(paddr_t *start, paddr_t *end);
