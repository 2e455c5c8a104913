/* Tools to look at the machine with. They run in a child, as programs do. */
#include "user/lib/proc.h"
#include "user/psh/psh.h"

#include <asm/signal.h>
#include <linux/reboot.h>
#include <linux/stat.h>

static int do_echo(struct word *arguments)
{
	bool newline = !arguments || strcmp(arguments->text, "-n");

	if (!newline)
		arguments = arguments->next;
	for (; arguments; arguments = arguments->next) {
		sys_write(1, arguments->text, strlen(arguments->text));
		if (arguments->next)
			sys_write(1, " ", 1);
	}
	if (newline)
		sys_write(1, "\n", 1);
	return 0;
}

static int do_pwd(struct word *arguments)
{
	char path[4096];

	(void)arguments;
	if (sys_getcwd(path, sizeof(path)) <= 0)
		return 1;
	printf("%s\n", path);
	return 0;
}

/* Opens a file, or says why it cannot. */
static int open_file(const char *path)
{
	int fd = sys_open(path, O_RDONLY, 0);

	if (fd < 0)
		complain(path, error_text(fd));
	return fd;
}

static int copy_out(int fd, const char *name)
{
	static char buffer[16384];
	long len;

	while ((len = sys_read(fd, buffer, sizeof(buffer))) > 0)
		for (long done = 0, n; done < len; done += n) {
			n = sys_write(1, buffer + done, len - done);
			if (n <= 0)
				return 1;
		}
	if (len < 0)
		complain(name, error_text(len));
	return len < 0;
}

static int do_cat(struct word *arguments)
{
	int status = 0;

	if (!arguments)
		return copy_out(0, "-");
	for (; arguments; arguments = arguments->next) {
		int fd = strcmp(arguments->text, "-") ? open_file(arguments->text) : 0;

		status |= fd < 0 ? 1 : copy_out(fd, arguments->text);
		if (fd > 0)
			sys_close(fd);
	}
	return status;
}

/* Calls `each` for the names in a folder, as they come. */
static int for_each_name(const char *folder, void (*each)(const char *folder, const char *name))
{
	char buffer[2048] __attribute__((aligned(8)));
	int fd = sys_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	long len;

	if (fd < 0)
		return fd;
	while ((len = sys_getdents64(fd, buffer, sizeof(buffer))) > 0)
		for (long at = 0; at < len;) {
			const struct dirent64 *entry = (const void *)(buffer + at);

			each(folder, entry->name);
			at += entry->len;
		}
	sys_close(fd);
	return len;
}

static void show_name(const char *folder, const char *name)
{
	(void)folder;
	if (name[0] != '.')
		printf("%s\n", name);
}

/* -rw-r--r--      1234 name -> target; of a device its numbers. */
static void show_file(const char *folder, const char *name)
{
	static const char kinds[16] = "?pc?d?b?-?l?s???";
	char path[4096], target[256], mode[] = "-rwxrwxrwx";
	struct stat64 st;
	int len;

	if (name[0] == '.')
		return;
	snprintf(path, sizeof(path), "%s%s%s", folder, *folder ? "/" : "", name);
	if (sys_lstat64(path, &st))
		return;
	mode[0] = kinds[st.st_mode >> 12 & 15];
	for (int bit = 0; bit < 9; bit++)
		if (!(st.st_mode & 0400 >> bit))
			mode[1 + bit] = '-';
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		printf("%s %5u, %3u %s", mode, (unsigned int)st.st_rdev >> 8 & 0xfff,
		       (unsigned int)st.st_rdev & 0xff, name);
	else
		printf("%s %10lld %s", mode, (long long)st.st_size, name);
	len = sys_readlink(path, target, sizeof(target));
	if (len > 0)
		printf(" -> %.*s", len, target);
	printf("\n");
}

static int do_ls(struct word *arguments)
{
	static struct word here = {NULL, (char *)"."};
	bool detail = arguments && !strcmp(arguments->text, "-l");
	int status = 0;

	if (detail)
		arguments = arguments->next;
	for (struct word *w = arguments ? arguments : &here; w; w = w->next) {
		struct stat64 st;
		int error = sys_stat64(w->text, &st);

		if (error == 0 && S_ISDIR(st.st_mode))
			error = for_each_name(w->text, detail ? show_file : show_name);
		else if (error == 0)
			(detail ? show_file : show_name)("", w->text);
		if (error)
			complain(w->text, error_text(error));
		status |= error != 0;
	}
	return status;
}

static int do_free(struct word *arguments)
{
	long total = meminfo_kb("MemTotal"), unused = meminfo_kb("MemFree");
	long cached = meminfo_kb("Buffers") + meminfo_kb("Cached") + meminfo_kb("SReclaimable");

	(void)arguments;
	if (total < 0) {
		complain("/proc/meminfo", "not there");
		return 1;
	}
	printf("          total       used       free     cached  available\n"
	       "kB   %10ld %10ld %10ld %10ld %10ld\n",
	       total, total - unused - cached, unused, cached, meminfo_kb("MemAvailable"));
	return 0;
}

static int do_ps(struct word *arguments)
{
	struct pids pids;

	(void)arguments;
	printf("  PID  PPID  size kB   RSS kB COMMAND\n");
	for (int pid = pids_first(&pids); pid; pid = pids_next(&pids)) {
		long parent = report_value(pid_path(pid, "status"), "PPid:");
		long size = report_value(pid_path(pid, "status"), "VmSize:");
		long resident = report_value(pid_path(pid, "status"), "VmRSS:");
		char command[256];

		read_command(pid, command, sizeof(command));
		if (parent >= 0) /* else it has just ended */
			printf("%5d %5ld %8ld %8ld %s\n", pid, parent, size < 0 ? 0 : size,
			       resident < 0 ? 0 : resident, command);
	}
	return 0;
}

static int do_kill(struct word *arguments)
{
	int signo = SIGTERM, status = 0;

	if (arguments && arguments->text[0] == '-') {
		const char *name = arguments->text + 1;

		signo = parse_number(name, NULL);
		for (int i = 1; i < NSIG && signo == 0; i++)
			if (!strcmp(signal_name(i) + 3, name))
				signo = i;
		arguments = arguments->next;
	}
	for (; arguments; arguments = arguments->next) {
		int error = sys_kill(parse_number(arguments->text, NULL), signo);

		if (error)
			complain(arguments->text, error_text(error));
		status |= error != 0;
	}
	return status;
}

/* 0.25 is possible. */
static int do_sleep(struct word *arguments)
{
	struct timespec time = {0};
	const char *s = "";

	if (arguments)
		time.tv_sec = parse_number(arguments->text, &s);
	if (*s++ == '.')
		for (long unit = 100000000; *s >= '0' && *s <= '9'; unit /= 10)
			time.tv_nsec += unit * (*s++ - '0');
	return sys_nanosleep(&time, NULL) != 0;
}

static int do_hexdump(struct word *arguments)
{
	int fd = arguments ? open_file(arguments->text) : 0;
	unsigned long long at = 0;
	unsigned char bytes[16];
	long len;

	if (fd >= 0 && arguments && arguments->next) {
		at = parse_number(arguments->next->text, NULL);
		sys_llseek(fd, at, &at, 0);
	}
	while (fd >= 0 && (len = sys_read(fd, bytes, sizeof(bytes))) > 0) {
		printf("%08llx ", at);
		for (long i = 0; i < 16; i++)
			printf(i < len ? " %02x" : "   ", bytes[i]);
		printf("  ");
		for (long i = 0; i < len; i++)
			printf("%c", bytes[i] >= ' ' && bytes[i] < 0x7f ? bytes[i] : '.');
		printf("\n");
		at += len;
	}
	return fd < 0;
}

static int stop_machine(int command)
{
	int error = sys_reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, command);

	complain("the machine goes on", error_text(error));
	return 1;
}

static int do_poweroff(struct word *arguments)
{
	(void)arguments;
	return stop_machine(LINUX_REBOOT_CMD_POWER_OFF);
}

static int do_reboot(struct word *arguments)
{
	(void)arguments;
	return stop_machine(LINUX_REBOOT_CMD_RESTART);
}

const struct builtin tools[] = {
	{"cat", do_cat, "cat [FILE]..."},
	{"echo", do_echo, "echo [-n] WORD..."},
	{"free", do_free, "free                     how much memory is free"},
	{"hexdump", do_hexdump, "hexdump [FILE [OFFSET]]"},
	{"kill", do_kill, "kill [-SIGNAL] PID..."},
	{"ls", do_ls, "ls [-l] [PATH]..."},
	{"poweroff", do_poweroff, "poweroff"},
	{"ps", do_ps, "ps                       which processes there are"},
	{"pwd", do_pwd, "pwd"},
	{"reboot", do_reboot, "reboot"},
	{"sleep", do_sleep, "sleep SECONDS"},
	{NULL, NULL, NULL},
};
