/* Addresses to names: the symbol table that the build links into the image (tools/symtab.py). */
#pragma once

#include "lib/types.h"

/* The function that holds addr and the offset in it; NULL outside the kernel's text. */
const char *symbol_find(vaddr_t addr, u32 *offset);
/* %pS and the backtrace of a panic use it from here on. */
void symbols_init(void);
