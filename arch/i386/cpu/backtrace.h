/* Frames of the kernel stack, by the chain of EBP. Reads only what can be read; prints with %pS. */
#pragma once

#include "arch/i386/cpu/switch.h"
#include "lib/types.h"

void backtrace_print(u32 eip, u32 ebp);
/* One frame up: where the function that *ebp belongs to returns to, and *ebp is its caller's. 0: no more. */
u32 backtrace_up(u32 *ebp);
/* Where a thread that does not run called for another one. false: its stack cannot be read. */
bool backtrace_of(const struct cpu_context *context, u32 *eip, u32 *ebp);
/* From the caller on. */
void backtrace_here(void);
