/* What the system says of itself, its names and limits, and what it refuses to be asked. */
#include "tests/abi/lib/abi.h"

#include <asm/ldt.h>
#include <linux/personality.h>
#include <linux/reboot.h>
#include <linux/resource.h>
#include <linux/sysinfo.h>

static void names(void)
{
	struct new_utsname name;

	SAY(sethostname, "tower", 5);
	SAY(setdomainname, "garden.example", 6);
	CALL(uname, &name);
	line("  %s in %s", name.nodename, name.domainname);
	SAY(sethostname, "", 0);
	CALL(uname, &name);
	line("  '%s'", name.nodename);
	SAY(sethostname, "x", 65);
	SAY(sethostname, "x", -1);
	SAY(sethostname, BAD_POINTER, 3);
	SAY(setdomainname, "x", 65);
	SAY(setdomainname, "x", -1);
	SAY(setdomainname, BAD_POINTER, 3);
	SAY(sethostname, "pagoda", 6);
	SAY(setdomainname, "(none)", 6);
	SAY(uname, BAD_POINTER);
}

static void memory(void)
{
	struct sysinfo info;

	memset(&info, 0xff, sizeof(info));
	SAY(sysinfo, &info);
	line("  memory: %s, free: %s, processes: %s", info.totalram && info.mem_unit ? "yes" : "no",
	     info.freeram && info.freeram <= info.totalram ? "yes" : "no",
	     info.procs >= 1 ? "yes" : "no");
	line("  swap: %s", info.freeswap <= info.totalswap ? "yes" : "no");
	SAY(sysinfo, BAD_POINTER);
}

/* Only what is refused: one that succeeded would be the end. */
static void ends(void)
{
	SAY(reboot, 0, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART, 0);
	SAY(reboot, LINUX_REBOOT_MAGIC1, 0, LINUX_REBOOT_CMD_RESTART, 0);
	SAY(reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, 1234, 0);
}

static void sockets(void)
{
	unsigned args[6] = {99, 1, 0, 0}, none[3] = {77, 0, 0};
	int fd = sys_open(DATA_FILE, O_RDONLY, 0);

	SAY(socket, 99, 1, 0);
	SAY(socketpair, 99, 1, 0, args);
	SAY(socketcall, 1, args);
	SAY(socketcall, 8, args);
	SAY(socketcall, 0, args);
	SAY(socketcall, 21, args);
	SAY(socketcall, 1, BAD_POINTER);
	SAY(socketcall, 2, none);
	none[0] = fd;
	SAY(socketcall, 2, none);
	SAY(socketcall, 4, none);
	sys_close(fd);
}

static int limits(void *arg)
{
	unsigned limit[2] = {0, 0}, wide[4];

	(void)arg;
	SAY(getrlimit, RLIMIT_CORE, limit);
	SAY(ugetrlimit, RLIMIT_CORE, limit);
	line("  %u", limit[0]);
	SAY(ugetrlimit, RLIMIT_STACK, limit);
	line("  %u", limit[0]);
	SAY(getrlimit, RLIMIT_CPU, limit);
	line("  %x", limit[0]);
	SAY(ugetrlimit, RLIMIT_CPU, limit);
	line("  %x", limit[0]);
	SAY(getrlimit, 99, limit);
	SAY(getrlimit, -1, limit);
	SAY(ugetrlimit, 99, limit);
	SAY(ugetrlimit, RLIMIT_CPU, BAD_POINTER);
	SAY(getrlimit, RLIMIT_CPU, BAD_POINTER);
	limit[0] = 16;
	limit[1] = 20;
	SAY(setrlimit, RLIMIT_NOFILE, limit);
	SAY(dup2, 1, 15);
	SAY(dup2, 1, 16);
	SAY(fcntl64, 1, F_DUPFD, 16);
	SAY(prlimit64, 0, RLIMIT_NOFILE, 0, wide);
	line("  %u %u %u %u", wide[0], wide[1], wide[2], wide[3]);
	limit[0] = 21;
	SAY(setrlimit, RLIMIT_NOFILE, limit);
	SAY(setrlimit, 99, limit);
	SAY(setrlimit, RLIMIT_NOFILE, BAD_POINTER);
	SAY(prlimit64, 0x3fffffff, RLIMIT_NOFILE, 0, wide);
	SAY(prlimit64, 0, 99, 0, wide);
	SAY(prlimit64, 0, RLIMIT_NOFILE, 0, BAD_POINTER);
	SAY(prlimit64, 0, RLIMIT_NOFILE, BAD_POINTER, 0);
	return 0;
}

static void thread_areas(void)
{
	struct user_desc desc = {
		.entry_number = -1, .base_addr = 0x1000, .limit = 15, .seg_32bit = 1};
	struct user_desc got;

	SAY(set_thread_area, &desc);
	memset(&got, 0, sizeof(got));
	got.entry_number = desc.entry_number;
	SAY(get_thread_area, &got);
	line("  base %x limit %x wide %d pages %d", (unsigned)got.base_addr, got.limit,
	     got.seg_32bit, got.limit_in_pages);
	got.entry_number = 1;
	SAY(get_thread_area, &got);
	got.entry_number = 12345;
	SAY(get_thread_area, &got);
	SAY(set_thread_area, &got);
	SAY(get_thread_area, BAD_POINTER);
	SAY(set_thread_area, BAD_POINTER);
}

static void clocks(void)
{
	/* The clocks of the processor's time are as coarse as the ticks that they count. */
	static const int ids[] = {0, 1, 4, 5, 6, 7, 10, 11, 99, -1};
	int32_t now = 0;
	struct timespec t;
	struct __kernel_timespec t64;
	unsigned tms[4];

	line("time: %s", CALL(time, &now) == now && now > 1000000000 ? "yes" : "no");
	SAY(time, BAD_POINTER);
	line("times: %s", CALL(times, tms) != -1 ? "yes" : "no");
	SAY_OK(times, 0);
	SAY(times, BAD_POINTER);
	for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++) {
		long ret = CALL(clock_getres, ids[i], &t);
		long wide = CALL(clock_getres_time64, ids[i], &t64);
		line("clock %d: %s, %s, a nanosecond or a tick: %s, gettime %s", ids[i],
		     errno_name(-ret), ret == wide ? "the same in 64 bits" : "another in 64 bits",
		     ret || (!t.tv_sec && t.tv_nsec <= 10000000 && t.tv_nsec == t64.tv_nsec) ? "yes"
											     : "no",
		     CALL(clock_gettime64, ids[i], &t64) ? "fails" : "works");
	}
	SAY(clock_getres, 0, BAD_POINTER);
	SAY(clock_getres_time64, 0, BAD_POINTER);
	SAY(clock_getres, 0, 0);
	SAY(clock_settime, 1, &t);
	SAY(clock_settime, 99, &t);
	SAY(clock_settime, 0, BAD_POINTER);
	SAY(clock_settime64, 0, BAD_POINTER);
	t = (struct timespec){-1, 0};
	SAY(clock_settime, 0, &t);
	t64 = (struct __kernel_timespec){0, 1000000000};
	SAY(clock_settime64, 0, &t64);
	SAY(settimeofday, BAD_POINTER, 0);
	SAY(settimeofday, 0, BAD_POINTER);
	SAY(settimeofday, 0, 0);
	t = (struct timespec){5, 1000001};
	SAY(settimeofday, &t, 0);
	SAY(stime, BAD_POINTER);
	now = -1;
	SAY(stime, &now);
}

static int locks(void *arg)
{
	(void)arg;
	SAY(mlockall, 0);
	SAY(mlockall, 4);
	SAY(mlockall, 8);
	SAY(mlockall, 1);
	SAY(mlockall, 2);
	SAY(mlockall, 7);
	SAY(munlockall);
	SAY(remap_file_pages, 0x10000000, 4096, 1, 0, 0);
	SAY(remap_file_pages, 0x10000000, 4096, 0, 0, 0);
	SAY(remap_file_pages, 0x10000000, 0, 0, 0, 0);
	return 0;
}

static void persona(void)
{
	long now = CALL(personality, 0xffffffff);

	line("personality: %lx", now & 0xff & ~PER_LINUX32);
	line("set to what it is: %s", CALL(personality, now) == now ? "yes" : "no");
	line("no random addresses: %s",
	     CALL(personality, now | ADDR_NO_RANDOMIZE) == now ? "yes" : "no");
	line("it stays: %s",
	     CALL(personality, 0xffffffff) == (now | ADDR_NO_RANDOMIZE) ? "yes" : "no");
	CALL(personality, now);
}

int main(void)
{
	names();
	memory();
	ends();
	sockets();
	say_status("limits", in_child(limits, NULL));
	thread_areas();
	clocks();
	persona();
	say_status("locks", in_child(locks, NULL));
	return 0;
}
