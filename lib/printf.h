/*
 * Text formatting.
 *
 * Conversions: d i u x X o c s p %, the flags - 0 + space #, width and precision (also *), the sizes
 * hh h l ll z t. %p prints 0x and eight digits. %pS prints the symbol that holds an address,
 * as name+0x12, or the address where there is none. There is no floating point.
 */
#pragma once

#include "lib/compiler.h"
#include <stdarg.h>

/*
 * Write at most size bytes, the ending NUL among them.
 * => vsnprintf, snprintf: the length the whole text has; size or more says that it was cut.
 * => vscnprintf, scnprintf: the length written.
 */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list args) __printf(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args) __printf(3, 0);
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/*
 * Names an address for %pS; set by whoever has the symbol table.
 * => the symbol's name and the offset into it, or NULL.
 */
extern const char *(*symbol_lookup)(vaddr_t addr, u32 *offset);
