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
	strlcpy(name.nodename, uts_nodename, sizeof(name.nodename));
	strlcpy(name.release, UTS_RELEASE, sizeof(name.release));
	strlcpy(name.version, UTS_VERSION, sizeof(name.version));
	strlcpy(name.machine, machine_name(), sizeof(name.machine));
	strlcpy(name.domainname, uts_domainname, sizeof(name.domainname));
	return copy_to_user(uptr(to), &name, sizeof(name)) ? -EFAULT : 0;
}

char uts_nodename[UTS_SIZE] = "pagoda", uts_domainname[UTS_SIZE] = "(none)";

static long set_uts_name(char *to, vaddr_t from, s32 len)
{
	char name[UTS_SIZE];

	if (len < 0 || (u32)len >= UTS_SIZE)
		return -EINVAL;
	if (copy_from_user(name, uptr(from), len))
		return -EFAULT;
	memcpy(to, name, len);
	memset(to + len, 0, UTS_SIZE - len);
	return 0;
}

SYSCALL_DEFINE2(sethostname, vaddr_t, name, s32, len)
{
	return set_uts_name(uts_nodename, name, len);
}

SYSCALL_DEFINE2(setdomainname, vaddr_t, name, s32, len)
{
	return set_uts_name(uts_domainname, name, len);
}

SYSCALL_DEFINE1(sysinfo, vaddr_t, to)
{
	const struct zone *high = &zones[ZONE_HIGHMEM];
	const struct task *t;
	struct sysinfo info;
	u32 procs = 0;

	for_each_task (t)
		procs += t->group->refs;
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
		thread_make_way();
		if (current_task()->fatal_signal)
			break;
	}
	return done;
}

/* syslog(2)'s actions; no UAPI header has them. */
enum {
	SYSLOG_CLOSE,
	SYSLOG_OPEN,
	SYSLOG_READ,
	SYSLOG_READ_ALL,
	SYSLOG_READ_CLEAR,
	SYSLOG_CLEAR,
	SYSLOG_CONSOLE_OFF,
	SYSLOG_CONSOLE_ON,
	SYSLOG_CONSOLE_LEVEL,
	SYSLOG_SIZE_UNREAD,
	SYSLOG_SIZE_BUFFER
};

static u32 log_cleared, log_read; /* positions in the kernel's messages */

/* Messages from *pos on; with `newest` the last len bytes of them. Bytes, or -EFAULT. */
static long give_log(u32 *pos, vaddr_t to, u32 len, bool newest)
{
	char piece[128];
	u32 end = *pos, done = 0;
	size_t n;

	while (newest && (n = printk_read(&end, piece, sizeof(piece))))
		;
	if (newest && end - *pos > len)
		*pos = end - len;
	while (done < len && (n = printk_read(pos, piece, MIN(len - done, (u32)sizeof(piece))))) {
		if (copy_to_user(uptr(to + done), piece, n))
			return -EFAULT;
		done += n;
	}
	return (long)done;
}

static long unread_log(u32 pos)
{
	char piece[128];
	u32 unread = 0;
	size_t n;

	while ((n = printk_read(&pos, piece, sizeof(piece))))
		unread += n;
	return (long)unread;
}

static long read_log(u32 action, vaddr_t to, s32 len)
{
	u32 pos = log_cleared;
	long ret;

	if (!to || len < 0)
		return -EINVAL;
	if (!len)
		return 0;
	if (action == SYSLOG_READ)
		return give_log(&log_read, to, len, false);
	ret = give_log(&pos, to, len, true);
	if (ret >= 0 && action == SYSLOG_READ_CLEAR)
		log_cleared = pos;
	return ret;
}

/* There are no levels to choose by: what the console shows does not change. */
SYSCALL_DEFINE3(syslog, s32, action, vaddr_t, to, s32, len)
{
	switch (action) {
	case SYSLOG_CLOSE:
	case SYSLOG_OPEN:
	case SYSLOG_CONSOLE_OFF:
	case SYSLOG_CONSOLE_ON:
		return 0;
	case SYSLOG_READ:
	case SYSLOG_READ_ALL:
	case SYSLOG_READ_CLEAR:
		return read_log(action, to, len);
	case SYSLOG_CLEAR:
		log_cleared += (u32)unread_log(log_cleared);
		return 0;
	case SYSLOG_CONSOLE_LEVEL:
		return len < 1 || len > 8 ? -EINVAL : 0;
	case SYSLOG_SIZE_UNREAD:
		return unread_log(log_read);
	case SYSLOG_SIZE_BUFFER:
		return PRINTK_RING_SIZE;
	}
	return -EINVAL;
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
