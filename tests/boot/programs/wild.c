/*
 * wild HOW: does what ends a program with a signal, in a child, and prints which signal came. HOW is read, write,
 * text or kernel.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noinline, used)) static void do_it(const char *how)
{
	if (!strcmp(how, "read"))
		_exit(*(volatile char *)0x10);
	if (!strcmp(how, "write"))
		*(volatile char *)0x50000000 = 1;
	if (!strcmp(how, "text"))
		*(volatile char *)(void *)do_it = 1;
	if (!strcmp(how, "kernel"))
		_exit(*(volatile char *)0xC0100000);
	_exit(43);
}

int main(int argc, char **argv)
{
	int i, status;
	pid_t child;

	for (i = 1; i < argc; i++) {
		child = fork();
		if (child == 0)
			do_it(argv[i]);
		waitpid(child, &status, 0);
		if (WIFSIGNALED(status))
			printf("wild %s: signal %d\n", argv[i], WTERMSIG(status));
		else
			printf("wild %s: exit %d\n", argv[i], WEXITSTATUS(status));
		fflush(stdout);
	}
	return 0;
}
