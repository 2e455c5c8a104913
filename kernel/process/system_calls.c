/* What the system is, has, allows; and its end. */
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "kernel/process/uts.h"
#include "kernel/core/random.h"
#include "kernel/core/time.h"
#include "drivers/power.h"
#include "arch/i386/cpu/cpu.h"
#include "lib/math64.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/phys/zone.h"
#include "mm/vm/mm.h"
#include <linux/random.h>
#include <linux/reboot.h>
#include <linux/resource.h>
#include <linux/sysinfo.h>
#include <linux/utsname.h>

const char *machine_name(void)
{
	static char name[] = "i386";

	name[1] = '0' + MIN(MAX(cpu.family, 3u), 6u);
	return name;
}

SYSCALL_DEFINE1(uname, vaddr_t, to)
{
	struct new_utsname name;

	memset(&name, 0, sizeof(name));
	strlcpy(name.sysname, UTS_SYSNAME, sizeof(name.sysname));
	strlcpy(name.nodename, "pagoda", sizeof(name.nodename));
	strlcpy(name.release, UTS_RELEASE, sizeof(name.release));
	strlcpy(name.version, UTS_VERSION, sizeof(name.version));
	strlcpy(name.machine, machine_name(), sizeof(name.machine));
	strlcpy(name.domainname, "(none)", sizeof(name.domainname));
	return copy_to_user(uptr(to), &name, sizeof(name)) ? -EFAULT : 0;
}

SYSCALL_DEFINE1(sysinfo, vaddr_t, to)
{
	const struct zone *high = &zones[ZONE_HIGHMEM];
	const struct task *t;
	struct sysinfo info;
	u32 procs = 0;

	for_each_task (t)
		procs++;
	memset(&info, 0, sizeof(info));
	info.uptime = (long)div_u64(time_monotonic_ns(), (u32)NSEC_PER_SEC);
	info.mem_unit = PAGE_SIZE; /* 4 GiB in bytes would not fit */
	info.totalram = nr_managed_pages();
	info.freeram = nr_free_pages();
	info.totalhigh = high->managed;
	info.freehigh = zone_nr_free(high);
	info.procs = procs;
	return copy_to_user(uptr(to), &info, sizeof(info)) ? -EFAULT : 0;
}

/* ---- limits ---- */

#define NO_LIMIT 0xFFFFFFFFu

/* Where a limit that is kept lies, or NULL: it cannot be changed. */
static u32 *limit_field(u32 resource)
{
	struct mm_struct *mm = current->mm;

	switch (resource) {
	case RLIMIT_STACK:
		return &mm->stack_limit_bytes;
	case RLIMIT_DATA:
		return &mm->data_limit_bytes;
	case RLIMIT_AS:
		return &mm->as_limit_bytes;
	}
	return NULL;
}

static int get_limit(u32 resource, struct rlimit *limit)
{
	const u32 *field = limit_field(resource);

	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	limit->rlim_cur = field ? *field : NO_LIMIT;
	limit->rlim_max = NO_LIMIT;
	if (resource == RLIMIT_NOFILE)
		limit->rlim_cur = limit->rlim_max = FILES_MAX;
	if (resource == RLIMIT_CORE)
		limit->rlim_cur = 0;
	return 0;
}

/* Limits that are not kept accept only what they are. */
static int set_limit(u32 resource, const struct rlimit *limit)
{
	u32 *field = limit_field(resource);
	struct rlimit before;
	int err = get_limit(resource, &before);

	if (err)
		return err;
	if (limit->rlim_cur > limit->rlim_max)
		return -EINVAL;
	if (field)
		*field = limit->rlim_cur;
	else if (limit->rlim_cur != before.rlim_cur)
		return -EPERM;
	return 0;
}

SYSCALL_DEFINE2(ugetrlimit, u32, resource, vaddr_t, to)
{
	struct rlimit limit;
	int err = get_limit(resource, &limit);

	if (err)
		return err;
	return copy_to_user(uptr(to), &limit, sizeof(limit)) ? -EFAULT : 0;
}

/* The first getrlimit knew no value above 2^31 - 1. */
SYSCALL_DEFINE2(old_getrlimit, u32, resource, vaddr_t, to)
{
	struct rlimit limit;
	int err = get_limit(resource, &limit);

	if (err)
		return err;
	limit.rlim_cur = MIN(limit.rlim_cur, 0x7FFFFFFFul);
	limit.rlim_max = MIN(limit.rlim_max, 0x7FFFFFFFul);
	return copy_to_user(uptr(to), &limit, sizeof(limit)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(setrlimit, u32, resource, vaddr_t, from)
{
	struct rlimit limit;

	if (copy_from_user(&limit, uptr(from), sizeof(limit)))
		return -EFAULT;
	return set_limit(resource, &limit);
}

static u64 widen_limit(u32 limit)
{
	return limit == NO_LIMIT ? RLIM64_INFINITY : limit;
}

SYSCALL_DEFINE4(prlimit64, s32, pid, u32, resource, vaddr_t, new, vaddr_t, old)
{
	struct rlimit before, limit;
	struct rlimit64 wide;
	int err;

	if (pid && (u32)pid != current_task()->pid)
		return task_find(pid) ? -EPERM : -ESRCH;
	if (new &&copy_from_user(&wide, uptr(new), sizeof(wide)))
		return -EFAULT;
	err = get_limit(resource, &before);
	if (!err && new) {
		limit.rlim_cur = (u32)MIN(wide.rlim_cur, (u64)NO_LIMIT);
		limit.rlim_max = (u32)MIN(wide.rlim_max, (u64)NO_LIMIT);
		err = set_limit(resource, &limit);
	}
	if (err || !old)
		return err;
	wide.rlim_cur = widen_limit(before.rlim_cur);
	wide.rlim_max = widen_limit(before.rlim_max);
	return copy_to_user(uptr(old), &wide, sizeof(wide)) ? -EFAULT : 0;
}

/* One processor. */
SYSCALL_DEFINE3(sched_getaffinity, s32, pid, u32, size, vaddr_t, to)
{
	if (size < sizeof(u32) || size % sizeof(u32))
		return -EINVAL;
	if (pid && !task_find(pid))
		return -ESRCH;
	return put_user_u32(uptr(to), 1) ? -EFAULT : (long)sizeof(u32);
}

SYSCALL_DEFINE3(getrandom, vaddr_t, to, size_t, len, u32, flags)
{
	u8 piece[64];
	size_t done = 0;

	if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE) ||
	    (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	len = MIN(len, (size_t)0x1FFFFFF); /* as Linux: 32 MB a call */
	while (done < len) {
		size_t n = MIN(len - done, sizeof(piece));
		size_t left;

		random_bytes(piece, n);
		left = copy_to_user(uptr(to + done), piece, n);
		done += n - left;
		if (left)
			return done ? (long)done : -EFAULT;
		if (current_task()->fatal_signal)
			break;
	}
	return done;
}

SYSCALL_DEFINE4(reboot, u32, magic1, u32, magic2, u32, cmd, vaddr_t, text)
{
	char command[64];

	if (magic1 != LINUX_REBOOT_MAGIC1 ||
	    (magic2 != LINUX_REBOOT_MAGIC2 && magic2 != LINUX_REBOOT_MAGIC2A &&
	     magic2 != LINUX_REBOOT_MAGIC2B && magic2 != LINUX_REBOOT_MAGIC2C))
		return -EINVAL;
	switch (cmd) {
	case LINUX_REBOOT_CMD_RESTART2:
		if (strncpy_from_user(command, uptr(text), sizeof(command)) < 0)
			return -EFAULT;
		fallthrough;
	case LINUX_REBOOT_CMD_RESTART:
		printk("restarting\n");
		machine_restart();
	case LINUX_REBOOT_CMD_POWER_OFF:
		printk("switching off\n");
		machine_poweroff();
	case LINUX_REBOOT_CMD_HALT:
		printk("halted\n");
		machine_halt();
	case LINUX_REBOOT_CMD_CAD_ON:
	case LINUX_REBOOT_CMD_CAD_OFF:
		return 0; /* Ctrl-Alt-Del reaches nobody */
	}
	return -EINVAL;
}
