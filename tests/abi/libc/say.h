/* What the programs of this folder print, a line each, and how they wait. */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define line(format, ...) printf("| " format "\n", ##__VA_ARGS__)

/* A call's result, and why it failed. */
static inline void say(const char *what, long ret)
{
	int error = errno;

	if (ret < 0)
		line("%s: %ld %s", what, ret, strerror(error));
	else
		line("%s: %ld", what, ret);
}

static inline const char *yes(bool is)
{
	return is ? "yes" : "no";
}

/* All of the time, whatever signals come. */
static inline void nap(int ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

/* What changes a process for good is shown by one of its own. => its status. */
static inline int in_child(void (*show)(void))
{
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		show();
		exit(0);
	}
	waitpid(child, &status, 0);
	return status;
}
