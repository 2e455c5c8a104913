/*
 * Process 1.
 *
 * Its arguments are the words of the kernel command line that the kernel does not know. They are
 * steps, done in order:
 *
 *	PROGRAM WORD...	run a program, by its path or as PATH finds it, with these words and wait
 *			for it, up to the next `then`
 *	then		separates two steps
 *	shell		a shell on the console, until it ends
 *	stay		sleep for ever
 *	reboot, poweroff, halt
 *	exit N		end process 1, which the kernel must answer with a panic
 *
 * Without a program or a shell among them it does the steps of /etc/steps first, which is how an
 * image says what it is for; an image without that file runs the tour and the malloc demonstration.
 * When all is done it powers the machine off. Started by hand, not as process 1, it leaves the
 * machine alone and says what it would have done.
 *
 * busybox's poweroff, reboot and halt ask process 1 by a signal. These stay blocked and are waited
 * for together with the ends of children, so that nothing has to be done in a handler.
 */
#include "user/lib/io.h"
#include "user/lib/syscall.h"
#include "user/init/init.h"

#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/reboot.h>

#define SEARCH_PATH "/usr/bin:/bin:/usr/sbin:/sbin"

char *const init_environment[] = {"PATH=" SEARCH_PATH, "HOME=/root", "TERM=linux", NULL};

const char *base_name(const char *path)
{
	const char *name = path;

	for (; *path; path++)
		if (*path == '/')
			name = path + 1;
	return name;
}

static void __attribute__((noreturn)) stop_machine(const char *word, int command);

/* Sleeps until a child ends; does what another process asks process 1 for. */
static void wait_for_signal(void)
{
	const uint64_t waited = SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGTERM) | SIGNAL_BIT(SIGUSR1) |
				SIGNAL_BIT(SIGUSR2);

	switch (sys_rt_sigtimedwait(&waited, NULL, NULL)) {
	case SIGTERM:
		stop_machine("reboot", LINUX_REBOOT_CMD_RESTART);
	case SIGUSR1:
		stop_machine("halt", LINUX_REBOOT_CMD_HALT);
	case SIGUSR2:
		stop_machine("poweroff", LINUX_REBOOT_CMD_POWER_OFF);
	}
}

static void block_signals(void)
{
	const uint64_t all = ~0ull;

	sys_rt_sigprocmask(SIG_BLOCK, &all, NULL);
}

static void __attribute__((noreturn)) start(const char *path, char *argv[], bool session)
{
	const uint64_t none = 0;
	int error;

	if (session) {
		sys_setsid();
		sys_ioctl(0, TIOCSCTTY, 1);
		sys_chdir("/root");
	}
	sys_rt_sigprocmask(SIG_SETMASK, &none, NULL);
	error = sys_execve(path, argv, init_environment);
	printf("init: %s: cannot run it, error %d\n", path, -error);
	sys_exit(127);
}

int run_and_wait(const char *path, char *argv[], bool session)
{
	int child = sys_fork();

	if (child == 0)
		start(path, argv, session);
	if (child < 0)
		return child;
	for (;;) {
		int status;
		/* Whatever else ends meanwhile is an orphan that became ours. */
		int pid = sys_wait4(-1, &status, WNOHANG, NULL);

		if (pid == child)
			return status;
		if (pid == 0)
			wait_for_signal();
		else if (pid < 0 && pid != -EINTR)
			return pid;
	}
}

static void reap(void)
{
	while (sys_wait4(-1, NULL, WNOHANG, NULL) > 0)
		;
}

static void run(const char *path, char *argv[])
{
	const char *name = base_name(argv[0]);
	int status = run_and_wait(path, argv, false);

	if (status < 0)
		printf("init: %s: cannot run it or wait for it, error %d\n", name, -status);
	else
		printf("init: %s: %s\n", name, status_text(status));
	explain_end(status);
	reap();
}

void explain_end(int status)
{
	if (status >= 0 && (status & 0x7f) == SIGILL)
		printf("init: it came to an instruction that this processor does not have, or may "
		       "not use (cpu=)\n");
}

static void run_path(char *path)
{
	char *argv[] = {path, NULL};

	run(path, argv);
}

static void __attribute__((noreturn)) stay(void)
{
	printf("init: stays\n");
	for (;;) {
		reap();
		wait_for_signal();
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

/* The file that a word names as a program, or NULL. The answer is overwritten by the next call. */
static const char *find_program(const char *word)
{
	static char path[256];
	const char *folder = SEARCH_PATH;

	if (strchr(word, '/'))
		return word;
	while (*folder) {
		size_t len = 0;

		while (folder[len] && folder[len] != ':')
			len++;
		snprintf(path, sizeof(path), "%.*s/%s", (int)len, folder, word);
		if (sys_access(path, X_OK) == 0)
			return path;
		folder += len + (folder[len] == ':');
	}
	return NULL;
}

/*
 * A step that is not a program. Returns how many words it took, or 0 if the word means nothing
 * here.
 */
static int do_word(char *argv[])
{
	if (!strcmp(argv[0], "then"))
		return 1;
	if (!strcmp(argv[0], "shell")) {
		run_shell();
		return 1;
	}
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

static void do_steps(char *argv[])
{
	while (*argv) {
		int taken = do_word(argv);
		char **end = argv, *then;
		const char *path;

		argv += taken;
		if (taken)
			continue;
		path = find_program(*argv);
		if (!path) {
			printf("init: '%s' means nothing here\n", *argv++);
			continue;
		}
		while (*end && strcmp(*end, "then"))
			end++;
		then = *end;
		*end = NULL;
		run(path, argv);
		*end = then;
		argv = end;
	}
}

/* Some of these are busybox's programs as well. */
static bool is_end(const char *word)
{
	static const char *const ends[] = {"stay", "reboot", "poweroff", "halt", "exit"};

	for (unsigned int i = 0; i < ARRAY_SIZE(ends); i++)
		if (!strcmp(word, ends[i]))
			return true;
	return false;
}

static bool starts_something(char *argv[])
{
	for (; *argv; argv++)
		if (!strcmp(*argv, "shell") || (!is_end(*argv) && find_program(*argv)))
			return true;
	return false;
}

/* What the image is for. */
static void do_default_steps(void)
{
	static char text[512];
	char *words[65], *p = text;
	unsigned int nr = 0;

	if (read_file("/etc/steps", text, sizeof(text)) < 0) {
		run_path("/bin/tour");
		run_path("/bin/malloc-demo");
		return;
	}
	while (nr + 1 < ARRAY_SIZE(words)) {
		while (*p == ' ' || *p == '\n')
			*p++ = '\0';
		if (!*p)
			break;
		words[nr++] = p;
		while (*p && *p != ' ' && *p != '\n')
			p++;
	}
	words[nr] = NULL;
	do_steps(words);
}

int main(int argc, char *argv[])
{
	(void)argc;
	block_signals();
	if (sys_getpid() == 1)
		prepare_tools();
	if (!starts_something(argv + 1))
		do_default_steps();
	do_steps(argv + 1);
	stop_machine("poweroff", LINUX_REBOOT_CMD_POWER_OFF);
}
