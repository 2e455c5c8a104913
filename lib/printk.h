/*
 * The kernel's messages.
 *
 * printk works from the first instruction on: text goes into a ring of 64 KiB, and from there to
 * every registered sink. A sink that registers late is given what the ring still holds.
 *
 * It may be called with interrupts on or off, from interrupt handlers, and from inside a sink: such
 * inner text is put into the ring and the outermost caller carries it to the sinks, in order.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/list.h"
#include <stdarg.h>

#define PRINTK_RING_SIZE 32768u /* a power of two; a boot says 4 to 8 KB */

/*
 * Where text goes. write() gets lines ended with \n alone, may not sleep, and bounds its waits. A
 * sink is given text only by one caller at a time.
 */
struct console_sink {
	const char *name;
	void (*write)(struct console_sink *sink, const char *text, size_t len);
	struct list_head node;
};

/* One call carries at most 511 bytes; a longer text is cut. */
void printk(const char *fmt, ...) __printf(1, 2);
void vprintk(const char *fmt, va_list args) __printf(1, 0);

/* Unformatted text of any length. */
void printk_write(const char *text, size_t len);

void register_sink(struct console_sink *sink);
void unregister_sink(struct console_sink *sink);

/*
 * Between the two no message goes to a sink: they come after. For who writes to the same devices what programs say.
 * => false: a message is being written, by whoever calls; then nothing is held.
 */
bool printk_hold(void);
void printk_release(void);

/*
 * Copies text from the ring. *pos counts bytes since boot; start with 0. Where it has been
 * overwritten, *pos first moves to the oldest text.
 * => the number of bytes copied, 0 at the end; *pos is moved behind them.
 */
size_t printk_read(u32 *pos, char *buf, size_t len);

/*
 * For panic: whatever printk was interrupted is forgotten, so that text reaches the sinks again. With
 * drop_active, the sink that was being written is not used any more: it may be what failed.
 */
void printk_recover(bool drop_active);
