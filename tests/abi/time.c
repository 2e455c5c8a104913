/* Clocks go forward, agree with each other, and sleeping takes as long as was asked. */
#include "tests/abi/lib/abi.h"

#define MS (1000 * 1000)

static long long now(int clock)
{
	struct timespec t = {0};
	long ret = syscall2(__NR_clock_gettime, clock, (long)&t);

	return ret ? ret : t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void show_sleep(const char *what, long ret, long long start, long long want)
{
	long long took = now(1) - start;

	line("%s: %s, %s", what, ret ? errno_name(-ret) : "0",
	     took < want                 ? "too short"
	     : took > want + 2000ll * MS ? "too long"
					 : "as long as asked");
}

int main(void)
{
	struct timespec t = {.tv_nsec = 30 * MS};
	struct __kernel_timespec t64;
	struct __kernel_old_timeval tv;
	long long a, b, start;
	int forward = 1;

	a = now(1);
	for (int i = 0; i < 1000; i++) {
		b = now(1);
		forward = forward && b >= a;
		a = b;
	}
	line("CLOCK_MONOTONIC never goes back: %s", forward ? "yes" : "no");
	start = now(1);
	while (now(1) == start)
		;
	line("and goes forward: %s", now(1) > start ? "yes" : "no");
	say("gettimeofday", syscall2(__NR_gettimeofday, (long)&tv, 0));
	a = now(0) / 1000 - (tv.tv_sec * 1000000ll + tv.tv_usec);
	line("CLOCK_REALTIME agrees with it within a second: %s",
	     a >= 0 && a < 1000000 ? "yes" : "no");
	line("microseconds are below a million: %s", tv.tv_usec < 1000000 ? "yes" : "no");
	say("clock_gettime64", syscall2(__NR_clock_gettime64, 1, (long)&t64));
	a = now(1) - (t64.tv_sec * 1000000000ll + t64.tv_nsec);
	line("it agrees within a second: %s", a >= 0 && a < 1000000000 ? "yes" : "no");
	say("clock 99", syscall2(__NR_clock_gettime, 99, (long)&t));
	say("clock_gettime at a bad address", syscall2(__NR_clock_gettime, 1, 0xfffff000));
	say("clock_gettime64 at a bad address", syscall2(__NR_clock_gettime64, 1, 0xfffff000));
	say("gettimeofday at a bad address", syscall2(__NR_gettimeofday, 0xfffff000, 0));
	say("gettimeofday to NULL", syscall2(__NR_gettimeofday, 0, 0));

	t = (struct timespec){.tv_nsec = 30 * MS};
	start = now(1);
	show_sleep("nanosleep of 30 ms", sys_nanosleep(&t, NULL), start, 30ll * MS);
	t.tv_nsec = 0;
	start = now(1);
	show_sleep("nanosleep of 0", sys_nanosleep(&t, NULL), start, 0);
	t.tv_nsec = 20 * MS;
	start = now(1);
	show_sleep("clock_nanosleep of 20 ms", syscall4(__NR_clock_nanosleep, 1, 0, (long)&t, 0),
		   start, 20ll * MS);
	start = now(1);
	t64 = (struct __kernel_timespec){.tv_sec = (start + 20 * MS) / 1000000000,
					 .tv_nsec = (start + 20 * MS) % 1000000000};
	show_sleep("clock_nanosleep64 until 20 ms later",
		   syscall4(__NR_clock_nanosleep_time64, 1, 1, (long)&t64, 0), start, 20ll * MS);
	start = now(1);
	show_sleep("until a time that is past",
		   syscall4(__NR_clock_nanosleep_time64, 1, 1, (long)&t64, 0), start, 0);
	t.tv_nsec = 1000000000;
	say("nanosleep of 10^9 ns", sys_nanosleep(&t, NULL));
	t.tv_nsec = -1;
	say("nanosleep of -1 ns", sys_nanosleep(&t, NULL));
	t = (struct timespec){.tv_sec = -1};
	say("nanosleep of -1 s", sys_nanosleep(&t, NULL));
	say("nanosleep at a bad address", syscall2(__NR_nanosleep, 0xfffff000, 0));
	t = (struct timespec){.tv_nsec = 1};
	say("clock_nanosleep of clock 99", syscall4(__NR_clock_nanosleep, 99, 0, (long)&t, 0));
	say("sched_yield", sys_sched_yield());
	return 0;
}
