/*
 * Times as programs give and take them: `wide` is struct __kernel_timespec, not wide two words of 32
 * bits, from before 64-bit time. In the kernel a time is a number of nanoseconds.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

struct interval_ns { /* struct itimerspec */
	u64 interval, value;
};

/* 0, -EFAULT, -EINVAL. More than TIMESPEC_MAX_SECONDS count as that: 136 years. */
__must_check int get_timespec(vaddr_t from, bool wide, u64 *ns);
/* 0 or -EFAULT. */
__must_check int put_timespec(vaddr_t to, bool wide, u64 ns);
__must_check int get_itimerspec(vaddr_t from, bool wide, struct interval_ns *t);
__must_check int put_itimerspec(vaddr_t to, bool wide, const struct interval_ns *t);

#define TIMESPEC_MAX_SECONDS 0x100000000ull

/* When `ns` of clock id is, on the monotonic clock; absolute: that time itself, else from now on. Of
 * REALTIME, MONOTONIC, BOOTTIME and TAI; -EOPNOTSUPP, -EINVAL for the others. */
__must_check int clock_to_monotonic(s32 id, bool absolute, u64 ns, u64 *expires_ns);

struct timer;
/* What is left of a timer; 0: it is not armed, and never 0 while it is. */
u64 timer_left_ns(const struct timer *t);
/* How many expiries after the one at expires_ns have passed by now, and when the next one is. */
u64 timer_missed(u64 expires_ns, u64 interval_ns, u64 now_ns, u64 *next_ns);
