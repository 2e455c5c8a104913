/*
 * Runs every program of tests/list, one after the other, and says where each starts and how it
 * ended. On Pagoda it then says how often each system call was made, for run.py to look at.
 */
#include "user/lib/io.h"
#include "user/lib/syscall.h"

static void run(char *name)
{
	char path[64];
	char *argv[] = {name, NULL}, *envp[] = {"LANG=C", NULL};
	int pid, status = 0;

	snprintf(path, sizeof(path), "tests/abi/%s", name);
	printf("=== %s\n", name);
	pid = sys_fork();
	if (pid == 0) {
		int error = sys_execve(path, argv, envp);

		printf("| cannot run it: error %d\n", -error);
		sys_exit(127);
	}
	if (pid > 0)
		sys_wait4(pid, &status, 0, NULL);
	printf("--- %s: %s\n", name, pid < 0 ? "no process" : status_text(status));
}

#define CALLS "proc/pagoda/syscalls"

static void count_calls(const char *how)
{
	int fd = sys_open(CALLS, O_WRONLY, 0);

	if (fd < 0)
		return;
	sys_write(fd, how, strlen(how));
	sys_close(fd);
}

static void show_calls(void)
{
	static char text[32768];

	if (read_file(CALLS, text, sizeof(text)) < 0)
		return;
	printf("=== calls\n");
	sys_write(1, text, strlen(text));
	printf("--- calls: counted\n");
}

int main(int argc, char *argv[])
{
	static char names[4096];
	char *name, *end;

	if (argc > 1) {
		while (*++argv)
			run(*argv);
		return 0;
	}
	if (read_file("tests/list", names, sizeof(names)) < 0) {
		printf("all: no tests/list: start it at the root of the image\n");
		return 1;
	}
	count_calls("on");
	for (name = names; *name; name = end) {
		end = strchr(name, '\n');
		if (!end)
			break;
		*end++ = '\0';
		run(name);
	}
	count_calls("off");
	show_calls();
	printf("=== end\n");
	return 0;
}
