#pragma once

/* What process 1 and its steps share. */

/* For every program that process 1 starts. */
extern char *const init_environment[];

/* "sh" for "/bin/sh". */
const char *base_name(const char *path);

/*
 * Runs a program and waits for it, in a session of its own with the console as its terminal if
 * `session`. `name` is its argv[0], NULL for argv[0] itself. Returns its wait status, or a negative
 * errno where it could not be started or waited for.
 */
int run_and_wait(const char *path, char *argv[], bool session);

/* What is said of a program that ended by itself: nothing, except of an end that needs explaining. */
void explain_end(int status);

/* Names for busybox's tools, if it is on the image and runs on this processor. */
void prepare_tools(void);

/* The step `shell`: the best shell that runs here, until it ends. */
void run_shell(void);
