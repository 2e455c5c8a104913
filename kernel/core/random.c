/*
 * Random bytes for programs: stack cookies, hash seeds, getrandom(2).
 *
 * SplitMix64 (Steele, Lea, Flood 2014): a counter with a fixed odd step, its bits mixed. Every call
 * first stirs in the time-stamp counter, or the clock where there is none. That differs from boot
 * to boot and from call to call but is no secret from one who tries: there is no source of entropy
 * to make one from.
 */
#include "kernel/core/random.h"
#include "kernel/core/time.h"
#include "arch/i386/cpu/cpu.h"
#include "lib/string.h"

static u64 state;

static u64 next(void)
{
	u64 z = state += 0x9E3779B97F4A7C15ull;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
	return z ^ (z >> 31);
}

void random_bytes(void *buf, size_t len)
{
	char *to = buf;

	state ^= cpu_has(CPU_TSC) ? rdtsc() : time_realtime_ns();
	next();
	while (len) {
		u64 value = next();
		size_t n = MIN(len, sizeof(value));

		memcpy(to, &value, n);
		to += n;
		len -= n;
	}
}
