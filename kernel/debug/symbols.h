/* Addresses to names: the symbol table that the build links into the image (tools/symtab.py). */
#pragma once

#include "lib/types.h"

/* By address; the names lie behind each other in the same order. */
#define SYMTAB_GROUP 16u /* names, as in tools/symtab.py */
extern const u32 kernel_symtab_count;
extern const vaddr_t kernel_symtab_addresses[];
extern const u32 kernel_symtab_groups[]; /* where the first name of each group begins */
extern const char kernel_symtab_names[];

/* The function that holds addr and the offset in it; NULL outside the kernel's text. */
const char *symbol_find(vaddr_t addr, u32 *offset);
/* %pS and the backtrace of a panic use it from here on. */
void symbols_init(void);
