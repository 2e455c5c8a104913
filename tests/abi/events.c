/* eventfd, timerfd and epoll: counting, waiting, edges, nesting, and what is refused. */
#include "tests/abi/lib/abi.h"

#include <asm/poll.h>
#include <linux/eventpoll.h>

#define SEMAPHORE 1
#define NONBLOCK  O_NONBLOCK
#define ABSTIME   1
#define MS        1000000

struct event {
	uint32_t events;
	uint64_t data;
} __attribute__((packed));

struct setting { /* struct itimerspec of 32 bits, and of 64 */
	int32_t interval[2], value[2];
};

struct wide_setting {
	struct __kernel_timespec interval, value;
};

static void add_to(int fd, uint64_t value)
{
	say("write", sys_write(fd, &value, 8));
}

static void take_from(int fd)
{
	uint64_t value = 0;
	long ret = sys_read(fd, &value, 8);

	if (ret == 8)
		line("read: %u.%u", (unsigned)(value >> 32), (unsigned)value);
	else
		say("read", ret);
}

static int wait_and_add(void *arg)
{
	struct timespec moment = {0, 20 * MS};
	uint64_t one = 1;

	sys_nanosleep(&moment, NULL);
	sys_write(*(int *)arg, &one, 8);
	return 0;
}

static int take_later(void *arg)
{
	struct timespec moment = {0, 20 * MS};
	uint64_t value;

	sys_nanosleep(&moment, NULL);
	sys_read(*(int *)arg, &value, 8);
	return 0;
}

static void event_files(void)
{
	int fd = CALL(eventfd2, 5, NONBLOCK), other, pid;
	char name[32] = {0};
	struct stat64 st;

	take_from(fd);
	take_from(fd);
	add_to(fd, 3);
	add_to(fd, 4);
	take_from(fd);
	add_to(fd, 0);
	take_from(fd);
	add_to(fd, 0xfffffffffffffffeull);
	add_to(fd, 1);
	add_to(fd, 0);
	take_from(fd);
	add_to(fd, 0xffffffffffffffffull);
	SAY(read, fd, name, 7);
	SAY(write, fd, name, 7);
	SAY(read, fd, BAD_POINTER, 8);
	SAY(write, fd, BAD_POINTER, 8);
	SAY(fstat64, fd, &st);
	line("  mode %o", st.st_mode);
	SAY(eventfd2, 0, 2);
	other = CALL(eventfd2, 2, SEMAPHORE | NONBLOCK);
	take_from(other);
	take_from(other);
	take_from(other);
	sys_close(other);
	other = CALL(eventfd, 0);
	pid = sys_fork();
	if (!pid)
		sys_exit(wait_and_add(&other));
	take_from(other);
	sys_wait4(pid, NULL, 0, NULL);
	add_to(other, 0xfffffffffffffffeull);
	pid = sys_fork();
	if (!pid)
		sys_exit(take_later(&other));
	add_to(other, 1);
	sys_wait4(pid, NULL, 0, NULL);
	take_from(other);
	sys_close(other);
	sys_close(fd);
}

static void timer_files(void)
{
	struct setting s = {{0, 0}, {0, 30 * MS}}, old;
	struct wide_setting w = {{0, 10 * MS}, {0, 1}}, wold;
	struct timespec moment = {0, 100 * MS};
	int fd = CALL(timerfd_create, 1, NONBLOCK);
	uint64_t value = 0;

	SAY(timerfd_create, 2, 0);
	SAY(timerfd_create, 99, 0);
	SAY(timerfd_create, 1, 1);
	take_from(fd);
	SAY(timerfd_settime, fd, 0, &s, &old);
	line("  before: %d %d", old.value[0], old.value[1]);
	take_from(fd);
	SAY(timerfd_gettime, fd, &old);
	line("  left: %s, interval %d", old.value[1] > 0 && old.value[1] <= 30 * MS ? "yes" : "no",
	     old.interval[1]);
	sys_nanosleep(&moment, NULL);
	take_from(fd);
	take_from(fd);
	SAY(timerfd_gettime, fd, &old);
	line("  left: %d %d", old.value[0], old.value[1]);
	SAY(timerfd_settime64, fd, 0, &w, &wold);
	sys_nanosleep(&moment, NULL);
	SAY(read, fd, &value, 8);
	line("  several: %s", value >= 5 && value < 1000 ? "yes" : "no");
	SAY(timerfd_gettime64, fd, &wold);
	line("  interval %d, left: %s", (int)wold.interval.tv_nsec,
	     wold.value.tv_nsec > 0 && wold.value.tv_nsec <= 10 * MS ? "yes" : "no");
	w.interval.tv_nsec = 0;
	w.value.tv_sec = 0;
	w.value.tv_nsec = 1;
	SAY(timerfd_settime64, fd, ABSTIME, &w, 0);
	moment.tv_nsec = 20 * MS;
	sys_nanosleep(&moment, NULL);
	take_from(fd);
	w.value.tv_nsec = 1000000000;
	SAY(timerfd_settime64, fd, 0, &w, 0);
	SAY(timerfd_settime, fd, 0, BAD_POINTER, 0);
	SAY(timerfd_settime, fd, 0, &s, BAD_POINTER);
	SAY(timerfd_settime, fd, 4, &s, 0);
	SAY(timerfd_settime, 99, 0, &s, 0);
	SAY(timerfd_settime, 1, 0, &s, 0);
	SAY(timerfd_gettime, 99, &s);
	SAY(timerfd_gettime, 1, &s);
	SAY(timerfd_gettime, fd, BAD_POINTER);
	SAY(timerfd_gettime64, fd, BAD_POINTER);
	SAY(write, fd, &value, 8);
	SAY(read, fd, &value, 7);
	s.value[1] = 0;
	SAY(timerfd_settime, fd, 0, &s, 0);
	take_from(fd);
	sys_close(fd);
	fd = CALL(timerfd_create, 1, 0);
	s.value[1] = 20 * MS;
	SAY(timerfd_settime, fd, 0, &s, 0);
	take_from(fd);
	sys_close(fd);
}

static int ep, ends[2];

static void watch(const char *what, int op, int fd, uint32_t events)
{
	struct event event = {events, fd};

	say(what, CALL(epoll_ctl, ep, op, fd, &event));
}

/* Which descriptors are ready, relative to the first pipe end. */
static void show(const char *what, int timeout)
{
	struct event events[8];
	long n = CALL(epoll_wait, ep, events, 8, timeout);

	say(what, n);
	for (long i = 0; i < n; i++)
		line("  %d: %x", (int)events[i].data - ends[0], events[i].events);
}

static void levels(void)
{
	char text[8];

	watch("add", EPOLL_CTL_ADD, ends[0], EPOLLIN);
	watch("add again", EPOLL_CTL_ADD, ends[0], EPOLLIN);
	show("nothing", 0);
	sys_write(ends[1], "abc", 3);
	show("text", 0);
	show("still", 0);
	sys_read(ends[0], text, 3);
	show("read", 0);
	watch("add the other end", EPOLL_CTL_ADD, ends[1], EPOLLOUT);
	show("room", 0);
	watch("modify", EPOLL_CTL_MOD, ends[1], 0);
	show("asked for nothing", 0);
	watch("remove", EPOLL_CTL_DEL, ends[1], 0);
	watch("remove again", EPOLL_CTL_DEL, ends[1], 0);
	watch("modify what is not there", EPOLL_CTL_MOD, ends[1], EPOLLIN);
	show("20 ms", 20);
}

static void edges(void)
{
	char text[8];

	watch("edge", EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLET);
	sys_write(ends[1], "abc", 3);
	show("one edge", 0);
	show("no other", 0);
	sys_read(ends[0], text, 1);
	show("a part read is none", 0);
	sys_write(ends[1], "d", 1);
	show("more text is", 0);
	watch("set again", EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLET);
	show("is one too", 0);
	show("but one", 0);
	watch("one shot", EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLONESHOT);
	show("the shot", 0);
	sys_write(ends[1], "d", 1);
	show("no other", 0);
	watch("loaded again", EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLONESHOT);
	show("another", 0);
}

static int write_later(void *arg)
{
	struct timespec moment = {0, 20 * MS};

	(void)arg;
	sys_nanosleep(&moment, NULL);
	sys_write(ends[1], "x", 1);
	return 0;
}

static void waits(void)
{
	char text[32];
	int pid, copy;

	sys_read(ends[0], text, sizeof(text));
	watch("level", EPOLL_CTL_MOD, ends[0], EPOLLIN);
	pid = sys_fork();
	if (!pid)
		sys_exit(write_later(NULL));
	show("a child writes", 10000);
	sys_wait4(pid, NULL, 0, NULL);
	sys_read(ends[0], text, sizeof(text));
	copy = CALL(dup, ends[1]);
	sys_close(ends[1]);
	show("closed but not the last", 0);
	sys_close(copy);
	show("the last", 0);
	copy = CALL(dup, ends[0]);
	sys_close(ends[0]);
	show("a closed descriptor of an open file", 0);
	sys_close(copy);
	show("gone with its file", 0);
}

static void nesting(void)
{
	int inner = CALL(epoll_create1, 0), outer = ep, chain[6], fd = CALL(eventfd2, 0, NONBLOCK);
	struct event event = {EPOLLIN, 1};

	say("inner watches", CALL(epoll_ctl, inner, EPOLL_CTL_ADD, fd, &event));
	say("outer watches inner", CALL(epoll_ctl, outer, EPOLL_CTL_ADD, inner, &event));
	say("a ring", CALL(epoll_ctl, inner, EPOLL_CTL_ADD, outer, &event));
	say("itself", CALL(epoll_ctl, inner, EPOLL_CTL_ADD, inner, &event));
	say("nothing", CALL(epoll_wait, outer, &event, 1, 0));
	add_to(fd, 1);
	say("through both", CALL(epoll_wait, outer, &event, 1, 0));
	take_from(fd);
	say("nothing again", CALL(epoll_wait, outer, &event, 1, 0));
	event = (struct event){EPOLLIN, 1};
	for (int i = 0; i < 6; i++) {
		chain[i] = CALL(epoll_create1, 0);
		if (i)
			say("a chain",
			    CALL(epoll_ctl, chain[i], EPOLL_CTL_ADD, chain[i - 1], &event));
	}
	for (int i = 0; i < 6; i++)
		sys_close(chain[i]);
	sys_close(inner);
	sys_close(fd);
}

/* Whoever only asks whether an epoll is ready changes nothing of its order. */
static void order(void)
{
	int many = CALL(epoll_create1, 0), fds[3];
	struct event event;
	struct pollfd p = {many, POLLIN, 0};

	for (int i = 0; i < 3; i++) {
		fds[i] = CALL(eventfd2, 1, NONBLOCK);
		event = (struct event){EPOLLIN, i};
		CALL(epoll_ctl, many, EPOLL_CTL_ADD, fds[i], &event);
	}
	for (int i = 0; i < 4; i++) {
		say("ready", CALL(poll, &p, 1, 0));
		CALL(epoll_wait, many, &event, 1, 0);
		line("  next is %d", (int)event.data);
	}
	for (int i = 0; i < 3; i++)
		sys_close(fds[i]);
	sys_close(many);
}

/* They say no more than this. */
static void what_is_ready(void)
{
	struct setting s = {{0, 0}, {0, 1}};
	struct timespec moment = {0, 20 * MS};
	struct pollfd p[2] = {{CALL(eventfd2, 1, 0), -1, 0}, {CALL(timerfd_create, 1, 0), -1, 0}};

	CALL(timerfd_settime, p[1].fd, 0, &s, NULL);
	sys_nanosleep(&moment, NULL);
	say("ready", CALL(poll, p, 2, 0));
	line("  eventfd %x timerfd %x", p[0].revents, p[1].revents);
	sys_close(p[0].fd);
	sys_close(p[1].fd);
}

static void refusals(void)
{
	struct event event = {EPOLLIN, 1};
	struct __kernel_timespec zero = {0, 0}, moment = {0, 5 * MS}, bad = {0, -1};
	uint32_t mask[2] = {0};
	int file = sys_open(DATA_FILE, O_RDONLY, 0), fd = CALL(eventfd2, 1, 0);
	int other = CALL(eventfd2, 1, 0);

	SAY(epoll_create, 0);
	SAY(epoll_create, -1);
	SAY_OK(epoll_create, 1);
	SAY(epoll_create1, 1);
	SAY(epoll_ctl, ep, EPOLL_CTL_ADD, file, &event);
	SAY(epoll_ctl, ep, EPOLL_CTL_ADD, 99, &event);
	SAY(epoll_ctl, 99, EPOLL_CTL_ADD, fd, &event);
	SAY(epoll_ctl, fd, EPOLL_CTL_ADD, ep, &event);
	SAY(epoll_ctl, ep, EPOLL_CTL_ADD, fd, BAD_POINTER);
	SAY(epoll_ctl, ep, 9, fd, &event);
	SAY(epoll_ctl, ep, EPOLL_CTL_ADD, fd, &event);
	SAY(epoll_wait, ep, &event, 0, 0);
	SAY(epoll_wait, ep, &event, -1, 0);
	SAY(epoll_wait, ep, BAD_POINTER, 1, 0);
	SAY(epoll_wait, 99, &event, 1, 0);
	SAY(epoll_wait, fd, &event, 1, 0);
	SAY(epoll_pwait, ep, &event, 1, 0, mask, 8);
	SAY(epoll_pwait, ep, &event, 1, 0, mask, 4);
	SAY(epoll_pwait, ep, &event, 1, 0, BAD_POINTER, 8);
	SAY(epoll_pwait2, ep, &event, 1, &zero, mask, 8);
	SAY(epoll_pwait2, ep, &event, 1, BAD_POINTER, 0, 0);
	SAY(epoll_pwait2, ep, &event, 1, &bad, 0, 0);
	take_from(fd);
	SAY(epoll_pwait2, ep, &event, 1, &moment, 0, 0);
	event = (struct event){EPOLLIN | EPOLLEXCLUSIVE, 1};
	SAY(epoll_ctl, ep, EPOLL_CTL_MOD, fd, &event);
	SAY(epoll_ctl, ep, EPOLL_CTL_DEL, fd, 0);
	SAY(epoll_ctl, ep, EPOLL_CTL_ADD, fd, &event);
	SAY(epoll_ctl, ep, EPOLL_CTL_MOD, other, &event);
	event = (struct event){EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 1};
	SAY(epoll_ctl, ep, EPOLL_CTL_DEL, fd, &event);
	SAY(epoll_ctl, ep, EPOLL_CTL_ADD, fd, &event);
	SAY(read, ep, &event, 8);
	sys_close(other);
	sys_close(fd);
	sys_close(file);
}

int main(void)
{
	event_files();
	timer_files();
	sys_pipe(ends);
	ep = CALL(epoll_create1, EPOLL_CLOEXEC);
	levels();
	edges();
	waits();
	nesting();
	order();
	what_is_ready();
	refusals();
	return 0;
}
