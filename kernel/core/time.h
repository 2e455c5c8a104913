/*
 * Time: a tick of HZ from a registered timer, nanoseconds since boot, wall clock, timers.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/rbtree.h"
#include "lib/types.h"

#define HZ           100u
#define NSEC_PER_SEC 1000000000ull

/* From the timer interrupt: one tick has passed. */
void time_tick(bool user_mode);
/* The true length of a tick: ns + remainder / denominator nanoseconds (the remainder is carried). 1/HZ until told. */
void time_set_tick_length(u32 ns, u32 remainder, u32 denominator);
/* The timer's driver gives finer time: nanoseconds since the last tick. */
void time_set_fine(u32 (*since_tick_ns)(void));
u64 time_monotonic_ns(void);
u64 time_ticks(void);
/* Wall clock: nanoseconds since 1970. */
u64 time_realtime_ns(void);
void time_set_realtime(u64 ns_since_1970);

struct timer {
	struct rb_node node;
	u64 expires_ns; /* monotonic */
	void (*fn)(
		struct
		timer *t); /* in the timer interrupt, interrupts off. It may start its timer again, for a time to come. */
	bool armed;
};
void timer_start(struct timer *t, u64 expires_ns, void (*fn)(struct timer *t));
bool timer_cancel(struct timer *t); /* true if it was armed */
/* The tree of timers: order, links, colours. 0, or -EIO after a printk. */
int timers_check(void);
#define SLEEP_FOREVER 0x7FFFFFFFFFFFFFFFull
/* Sleeps. 0, or -EINTR with *left_ns set. */
int sleep_until(u64 expires_ns, u64 *left_ns);
