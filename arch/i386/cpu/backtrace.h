/* Frames of the kernel stack, by the chain of EBP. Reads only what can be read; prints with %pS. */
#pragma once

#include "lib/types.h"

void backtrace_print(u32 eip, u32 ebp);
/* From the caller on. */
void backtrace_here(void);
