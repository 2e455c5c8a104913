/*
 * Instructions that may fault, and where to go on when they do: pairs in the section __ex_table.
 * In inline assembly: EXTABLE("1b", "2b") between the two labels' instructions. In nasm: see extable.inc.
 */
#pragma once

#include "lib/types.h"

struct ex_entry {
	u32 insn, fixup;
};
extern struct ex_entry __ex_table_start[], __ex_table_end[];
/* Boot: puts the table in order of address for extable_find(). Before constants become read-only. */
void extable_sort(void);

#define EXTABLE(insn, fixup)                 \
	".pushsection __ex_table, \"a\"\n\t" \
	".long " insn ", " fixup "\n\t"      \
	".popsection\n\t"

/* Reads kernel memory that may not be there (backtraces, debuggers): false if it faulted. Never faults a page in. */
bool probe_kernel_read(void *to, const void *from, size_t len);
/* Writes one word and tells whether it was allowed: self-tests of read-only memory, the CR0.WP probe. */
bool probe_kernel_write_u32(u32 *to, u32 value);
