/*
 * Runs every program of tests/list, one after the other, and says where each starts and how it
 * ended.
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
	for (name = names; *name; name = end) {
		end = strchr(name, '\n');
		if (!end)
			break;
		*end++ = '\0';
		run(name);
	}
	printf("=== end\n");
	return 0;
}
