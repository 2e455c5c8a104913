/* Addresses to names: the symbol table that the build links into the image (tools/symtab.py). */
#pragma once

#include "lib/types.h"

/* Sorted by address. */
struct symbol {
	u32 addr;
	u32 name; /* offset in kernel_symtab_names */
};
extern const u32 kernel_symtab_count;
extern const struct symbol kernel_symtab[];
extern const char kernel_symtab_names[];

/* The function that holds addr and the offset in it; NULL outside the kernel's text. */
const char *symbol_find(vaddr_t addr, u32 *offset);
/* %pS and the backtrace of a panic use it from here on. */
void symbols_init(void);
