/*
 * Process 1.
 *
 * Its arguments are the words of the kernel command line that the kernel does not know. They are
 * steps, done in order:
 *
 *	/PATH WORD...	run a program with these words and wait for it, up to the next `then`
 *	then		separates two steps
 *	stay		sleep for ever
 *	reboot, poweroff, halt
 *	exit N		end process 1, which the kernel must answer with a panic
 *
 * Without a program among them it runs the tour and the malloc demonstration. When all is done it
 * powers the machine off. Started by hand, not as process 1, it leaves the machine alone and says
 * what it would have done.
 */
#include "user/lib/io.h"
#include "user/lib/syscall.h"

#include <asm/signal.h>
#include <linux/reboot.h>

static char *const environment[] = {"PATH=/bin", "HOME=/", "TERM=linux", NULL};

static const char *base_name(const char *path)
{
	const char *name = path;

	for (; *path; path++)
		if (*path == '/')
			name = path + 1;
	return name;
}

/* Waits for `child`; whatever else ends meanwhile is an orphan that became ours. */
static int wait_for(int child)
{
	int status, pid;

	for (;;) {
		pid = sys_wait4(-1, &status, 0, NULL);
		if (pid == child)
			return status;
		if (pid < 0 && pid != -EINTR)
			return pid;
	}
}

static void run(char *argv[])
{
	const char *name = base_name(argv[0]);
	int child, status;

	child = sys_fork();
	if (child == 0) {
		int error = sys_execve(argv[0], argv, environment);

		printf("init: %s: cannot run it, error %d\n", argv[0], -error);
		sys_exit(127);
	}
	if (child < 0) {
		printf("init: %s: cannot fork, error %d\n", name, -child);
		return;
	}
	status = wait_for(child);
	if (status < 0)
		printf("init: %s: cannot wait for it, error %d\n", name, -status);
	else
		printf("init: %s: %s\n", name, status_text(status));
	if (status >= 0 && (status & 0x7f) == SIGILL)
		printf("init: it came to an instruction that this processor does not have\n");
	while (sys_wait4(-1, NULL, WNOHANG, NULL) > 0)
		;
}

static void run_path(char *path)
{
	char *argv[] = {path, NULL};

	run(argv);
}

static void __attribute__((noreturn)) stay(void)
{
	const struct timespec hour = {.tv_sec = 3600};

	printf("init: stays\n");
	for (;;) {
		while (sys_wait4(-1, NULL, WNOHANG, NULL) > 0)
			;
		sys_nanosleep(&hour, NULL);
	}
}

static void __attribute__((noreturn)) stop_machine(const char *word, int command)
{
	int error;

	if (sys_getpid() != 1) {
		printf("init: not process 1, so no %s\n", word);
		sys_exit(0);
	}
	printf("init: %s\n", word);
	error = sys_reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, command);
	printf("init: %s failed, error %d\n", word, -error);
	stay();
}

/*
 * A step that is not a program. Returns how many words it took, or 0 if the word means nothing
 * here.
 */
static int do_word(char *argv[])
{
	if (!strcmp(argv[0], "then"))
		return 1;
	if (!strcmp(argv[0], "stay"))
		stay();
	if (!strcmp(argv[0], "reboot"))
		stop_machine("reboot", LINUX_REBOOT_CMD_RESTART);
	if (!strcmp(argv[0], "poweroff"))
		stop_machine("poweroff", LINUX_REBOOT_CMD_POWER_OFF);
	if (!strcmp(argv[0], "halt"))
		stop_machine("halt", LINUX_REBOOT_CMD_HALT);
	if (!strcmp(argv[0], "exit"))
		sys_exit(argv[1] ? (int)parse_number(argv[1], NULL) : 0);
	return 0;
}

static bool names_program(char *argv[])
{
	for (; *argv; argv++)
		if (**argv == '/')
			return true;
	return false;
}

int main(int argc, char *argv[])
{
	(void)argc;
	argv++;
	if (!names_program(argv)) {
		run_path("/bin/tour");
		run_path("/bin/malloc-demo");
	}
	while (*argv) {
		char **end = argv;
		char *then;
		int taken;

		if (**argv == '/') {
			while (*end && strcmp(*end, "then"))
				end++;
			then = *end;
			*end = NULL;
			run(argv);
			*end = then;
			argv = end;
			continue;
		}
		taken = do_word(argv);
		if (!taken) {
			printf("init: '%s' means nothing here\n", *argv);
			taken = 1;
		}
		argv += taken;
	}
	stop_machine("poweroff", LINUX_REBOOT_CMD_POWER_OFF);
}
