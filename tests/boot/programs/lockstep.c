/*
 * lockstep PROGRAM...: starts programs, waits until each has written a byte to descriptor 3, and then lets them go on
 * one after the other: each by a byte to its descriptor 4, and until it writes another.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX 8

int main(int argc, char **argv)
{
	int ready[MAX][2], go[MAX][2], failed = 0, status, i;
	char byte = 0;

	for (i = 1; i < argc && i < MAX; i++) {
		if (pipe(ready[i]) || pipe(go[i]))
			return 1;
		if (!fork()) {
			/* Descriptors from 10 on are out of the way of 3 and 4. */
			int to = dup2(ready[i][1], 100), from = dup2(go[i][0], 101);

			dup2(to, 3);
			dup2(from, 4);
			for (int fd = 5; fd < 102; fd++)
				close(fd);
			execl(argv[i], argv[i], NULL);
			_exit(127);
		}
		close(ready[i][1]);
		close(go[i][0]);
	}
	argc = i;
	for (i = 1; i < argc; i++)
		failed |= read(ready[i][0], &byte, 1) != 1;
	for (i = 1; i < argc && !failed; i++)
		failed |= write(go[i][1], &byte, 1) != 1 || read(ready[i][0], &byte, 1) != 1;
	for (i = 1; i < argc; i++)
		close(go[i][1]);
	while (wait(&status) > 0)
		failed |= status;
	printf("lockstep: %s\n", failed ? "failed" : "done");
	return failed != 0;
}
