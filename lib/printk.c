/*
 * The kernel's messages: a ring, and sinks behind it.
 *
 *            flushed                    head
 *   ....|oooooo|nnnnnnnnnnnnnnnnnnnnnnnnn|....      o: still in the ring, with the sinks
 *                                                   n: not yet with the sinks
 *
 * head and flushed count bytes since boot and wrap at 4 GiB, a multiple of the ring's size.
 *
 * There is no lock, because one processor nests and does not interleave: an interrupt that prints
 * finishes before what it interrupted goes on. `depth` says that a caller is in here. An inner caller
 * reserves its bytes (one instruction), fills them and leaves; only the outermost one writes to
 * sinks, so text half copied by the outer is never sent. After it has set depth to 0 it looks
 * again, for text that came in between.
 *
 * Rejected: a lock, which a fault inside a sink would leave held; and disabling interrupts, which a slow
 * serial line would keep off for milliseconds.
 */
#include "lib/printk.h"
#include "lib/printf.h"
#include "lib/string.h"

static char ring[PRINTK_RING_SIZE];
static u32 head;
static u32 flushed;
static u32 depth;
static LIST_HEAD(sinks);
static struct console_sink *active;

static void ring_append(const char *text, size_t len)
{
	u32 at = __atomic_fetch_add(&head, len, __ATOMIC_RELAXED) % PRINTK_RING_SIZE;
	u32 first = MIN((u32)len, PRINTK_RING_SIZE - at);

	memcpy(ring + at, text, first);
	memcpy(ring, text + first, len - first);
}

static void sink_write(struct console_sink *sink, const char *text, size_t len)
{
	active = sink;
	sink->write(sink, text, len);
	active = NULL;
}

/* The ring's oldest byte that is at or after pos. */
static u32 ring_clamp(u32 pos, u32 end)
{
	return end - pos > PRINTK_RING_SIZE ? end - PRINTK_RING_SIZE : pos;
}

static void flush(void)
{
	struct console_sink *sink, *next;

	while (flushed != READ_ONCE(head)) {
		u32 end = READ_ONCE(head);
		u32 pos = ring_clamp(flushed, end);
		u32 at = pos % PRINTK_RING_SIZE;
		u32 len = MIN(end - pos, PRINTK_RING_SIZE - at);

		/* Moved first: a sink that faults and panics does not get the same text again. */
		flushed = pos + len;
		list_for_each_entry_safe (sink, next, &sinks, node)
			sink_write(sink, ring + at, len);
	}
}

static void leave_and_flush(void)
{
	do {
		WRITE_ONCE(depth, 1);
		barrier();
		if (!list_empty(&sinks))
			flush();
		barrier();
		WRITE_ONCE(depth, 0);
		barrier();
	} while (!list_empty(&sinks) && flushed != READ_ONCE(head));
}

void printk_write(const char *text, size_t len)
{
	u32 outer = READ_ONCE(depth);

	WRITE_ONCE(depth, outer + 1);
	barrier();
	while (len) {
		size_t part = MIN(len, (size_t)PRINTK_RING_SIZE / 2);

		ring_append(text, part);
		text += part;
		len -= part;
		if (!outer && !list_empty(&sinks))
			flush();
	}
	barrier();
	WRITE_ONCE(depth, outer);
	if (!outer)
		leave_and_flush();
}

void vprintk(const char *fmt, va_list args)
{
	char text[512];
	int len = vsnprintf(text, sizeof(text), fmt, args);

	if (len >= (int)sizeof(text)) {
		len = sizeof(text) - 1;
		text[len - 1] = '\n';
	}
	printk_write(text, len);
}

void printk(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintk(fmt, args);
	va_end(args);
}

bool printk_hold(void)
{
	if (READ_ONCE(depth))
		return false;
	WRITE_ONCE(depth, 1);
	barrier();
	return true;
}

void printk_release(void)
{
	leave_and_flush();
}

void register_sink(struct console_sink *sink)
{
	u32 outer = READ_ONCE(depth);
	u32 end = list_empty(&sinks) ? READ_ONCE(head) : flushed;
	u32 pos = end > PRINTK_RING_SIZE ? end - PRINTK_RING_SIZE : 0;

	WRITE_ONCE(depth, outer + 1);
	barrier();
	while (pos != end) {
		u32 at = pos % PRINTK_RING_SIZE;
		u32 len = MIN(end - pos, PRINTK_RING_SIZE - at);

		sink_write(sink, ring + at, len);
		pos += len;
	}
	flushed = end;
	list_add_tail(&sink->node, &sinks);
	barrier();
	WRITE_ONCE(depth, outer);
	if (!outer)
		leave_and_flush();
}

void unregister_sink(struct console_sink *sink)
{
	list_del(&sink->node);
}

size_t printk_read(u32 *pos, char *buf, size_t len)
{
	u32 end = READ_ONCE(head);
	u32 at, first;

	*pos = ring_clamp(*pos, end);
	len = MIN(len, (size_t)(end - *pos));
	at = *pos % PRINTK_RING_SIZE;
	first = MIN((u32)len, PRINTK_RING_SIZE - at);
	memcpy(buf, ring + at, first);
	memcpy(buf + first, ring, len - first);
	*pos += len;
	return len;
}

void printk_recover(bool drop_active)
{
	if (drop_active && active)
		unregister_sink(active);
	active = NULL;
	WRITE_ONCE(depth, 0);
}
