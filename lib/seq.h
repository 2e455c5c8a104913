/*
 * A bounded text buffer that reports print into, so that one report serves /proc, the console
 * and tests.
 *
 * With `out` unset, text beyond the buffer is dropped and counted in `lost`. With `out` set, the
 * buffer is handed to it whenever it is full, and by seq_flush().
 */
#pragma once

#include "lib/compiler.h"
#include <stdarg.h>

struct seq {
	char *buf;
	size_t size;
	size_t len;  /* text in the buffer; there is no ending NUL */
	size_t lost; /* bytes that did not fit */
	void (*out)(const char *text, size_t len);
};

static inline void seq_init(struct seq *seq, char *buf, size_t size)
{
	*seq = (struct seq){.buf = buf, .size = size};
}

/* A report on the console: every full buffer, and seq_flush(), goes to printk. */
void seq_init_printk(struct seq *seq, char *buf, size_t size);

void seq_write(struct seq *seq, const char *text, size_t len);
void seq_putc(struct seq *seq, char c);
void seq_puts(struct seq *seq, const char *text);
/* One call adds at most 255 bytes; a longer text is cut. */
void seq_printf(struct seq *seq, const char *fmt, ...) __printf(2, 3);
void seq_flush(struct seq *seq);
