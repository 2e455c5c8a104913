/* POSIX timers: making, setting, expiring, overruns, and going. */
#include "tests/abi/lib/abi.h"

#include <asm/siginfo.h>
#include <asm/signal.h>

#define MS      1000000
#define ABSTIME 1
#define NOTIMER 77

struct event_request {
	uint32_t value;
	int signo, notify, tid, rest[12];
};

struct setting {
	int32_t interval[2], value[2];
};

struct wide_setting {
	struct __kernel_timespec interval, value;
};

static struct setting once = {{0, 0}, {0, 20 * MS}};
static uint32_t waited[2];

static void show_next(const char *what, int timer)
{
	struct timespec patience = {2, 0};
	siginfo_t info;
	long ret;

	memset(&info, 0, sizeof(info));
	ret = CALL(rt_sigtimedwait, waited, &info, &patience, 8);
	say(what, ret);
	line("  code %d, timer: %s, value %d, overrun %d", info.si_code,
	     info.si_tid == timer ? "it" : "another", info.si_int, info.si_overrun);
}

static void making(void)
{
	struct event_request event = {.value = 4711, .signo = SIGUSR1, .notify = SIGEV_SIGNAL};
	int a = -1, b = -1, c = -1;

	SAY(timer_create, 1, &event, &a);
	SAY(timer_create, 0, 0, &b);
	line("  numbers: %s", a >= 0 && b >= 0 && a != b ? "two" : "no");
	event.notify = SIGEV_NONE;
	event.signo = 0;
	SAY(timer_create, 1, &event, &c);
	SAY(timer_settime, c, 0, &once, 0);
	event.notify = SIGEV_SIGNAL;
	SAY(timer_create, 1, &event, &c);
	event.signo = 65;
	SAY(timer_create, 1, &event, &c);
	event.signo = SIGUSR1;
	event.notify = 99;
	SAY(timer_create, 1, &event, &c);
	event.notify = SIGEV_THREAD_ID;
	event.tid = 0x3fffffff;
	SAY(timer_create, 1, &event, &c);
	event.tid = CALL(gettid);
	SAY(timer_create, 1, &event, &c);
	SAY(timer_create, 4, 0, &c);
	SAY(timer_create, 99, 0, &c);
	SAY(timer_create, 1, BAD_POINTER, &c);
	SAY(timer_create, 1, 0, BAD_POINTER);
	SAY(timer_delete, a);
	SAY(timer_delete, a);
	SAY(timer_delete, b);
	SAY(timer_delete, c);
	SAY(timer_delete, NOTIMER);
}

static void expiring(void)
{
	struct event_request event = {.value = 42, .signo = SIGUSR1, .notify = SIGEV_SIGNAL};
	struct setting s = once, old;
	struct wide_setting w = {{0, 0}, {5, 0}}, wold;
	int t = -1;

	CALL(timer_create, 1, &event, &t);
	SAY(timer_settime, t, 0, &s, &old);
	line("  before: %d %d", old.value[0], old.value[1]);
	show_next("it expires", t);
	SAY(timer_gettime, t, &old);
	line("  left: %d %d", old.value[0], old.value[1]);
	SAY(timer_getoverrun, t);
	SAY(timer_settime64, t, 0, &w, 0);
	SAY(timer_gettime64, t, &wold);
	line("  left: %s", wold.value.tv_sec == 4 || wold.value.tv_sec == 5 ? "yes" : "no");
	SAY(timer_gettime, t, &old);
	line("  left: %s", old.value[0] == 4 ? "yes" : "no");
	w = (struct wide_setting){{0, 0}, {0, 1}};
	SAY(timer_settime64, t, ABSTIME, &w, &wold);
	show_next("a time that is past", t);
	w.value.tv_nsec = -1;
	SAY(timer_settime64, t, 0, &w, 0);
	SAY(timer_settime, t, 0, BAD_POINTER, 0);
	SAY(timer_settime, t, 0, 0, 0);
	SAY(timer_settime, t, 0, &s, BAD_POINTER);
	SAY(timer_settime, NOTIMER, 0, &s, 0);
	SAY(timer_gettime, NOTIMER, &s);
	SAY(timer_gettime, t, BAD_POINTER);
	SAY(timer_gettime64, t, BAD_POINTER);
	SAY(timer_gettime64, NOTIMER, &w);
	SAY(timer_settime64, NOTIMER, 0, &w, 0);
	SAY(timer_getoverrun, NOTIMER);
	CALL(timer_delete, t);
}

static void overruns(void)
{
	struct event_request event = {.value = 1, .signo = 40, .notify = SIGEV_SIGNAL};
	struct setting s = {{0, 20 * MS}, {0, 20 * MS}};
	struct timespec moment = {0, 150 * MS}, none = {0, 0};
	siginfo_t info;
	int t = -1;

	CALL(timer_create, 1, &event, &t);
	SAY(timer_settime, t, 0, &s, 0);
	sys_nanosleep(&moment, NULL);
	memset(&info, 0, sizeof(info));
	SAY(rt_sigtimedwait, waited, &info, &none, 8);
	line("  overruns: %s", info.si_overrun >= 3 && info.si_overrun <= 20 ? "some" : "not so");
	line("  told again: %s", CALL(timer_getoverrun, t) == info.si_overrun ? "yes" : "no");
	SAY(timer_gettime, t, &s);
	line("  interval %d", s.interval[1]);
	sys_nanosleep(&moment, NULL);
	SAY(timer_delete, t);
	SAY(rt_sigtimedwait, waited, &info, &none, 8);
}

static int in_the_child(void *arg)
{
	SAY(timer_gettime, *(int *)arg, &once);
	return 0;
}

static void to_a_thread(void)
{
	struct event_request event = {
		.value = 9, .signo = SIGUSR2, .notify = SIGEV_THREAD_ID, .tid = CALL(gettid)};
	int t = -1;

	CALL(timer_create, 1, &event, &t);
	SAY(timer_settime, t, 0, &once, 0);
	say_status("a child has none of them", in_child(in_the_child, &t));
	show_next("to this thread", t);
	CALL(timer_delete, t);
}

int main(void)
{
	waited[0] = 1 << (SIGUSR1 - 1) | 1 << (SIGUSR2 - 1);
	waited[1] = 1 << (40 - 33);
	CALL(rt_sigprocmask, SIG_BLOCK, waited, 0, 8);
	making();
	expiring();
	overruns();
	once = (struct setting){{0, 0}, {0, 20 * MS}};
	to_a_thread();
	return 0;
}
