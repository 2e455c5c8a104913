/* Any static program as process 1: prints its arguments, uses the heap and stdio, restarts the machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char *copy;
	int i;

	printf("hello: process %d, %d arguments\n", (int)getpid(), argc);
	for (i = 0; i < argc; i++) {
		copy = strdup(argv[i]);
		printf("hello: argument %d is \"%s\"\n", i, copy);
		free(copy);
	}
	fprintf(stderr, "hello: this is the standard error\n");
	fflush(stdout);
	if (getpid() == 1)
		reboot(RB_AUTOBOOT);
	return 0;
}
