/*
 * The kernel's command line.
 *
 * Words are parted by blanks; double quotes keep blanks inside a word and are themselves removed. A word
 * NAME=VALUE (or NAME, for a flag) whose name the kernel knows is kept under that name. Every other word,
 * and all words after "--", are arguments of process 1, in their order.
 */
#pragma once

#include "lib/compiler.h"

#define CMDLINE_SIZE      2048 /* the text, with its NUL; longer is cut */
#define CMDLINE_MAX_WORDS 64   /* of each kind; more are dropped and counted */

struct cmdline {
	char text[CMDLINE_SIZE]; /* quotes removed, every word ended by NUL */
	unsigned nr_params;
	const char *params[CMDLINE_MAX_WORDS];
	unsigned nr_args;
	const char *args[CMDLINE_MAX_WORDS];
	unsigned dropped;
};

/* Any text is a command line: this cannot fail. */
void cmdline_parse(struct cmdline *cmdline, const char *text);

/* => the value of the last NAME= of those given; "" for a flag; NULL where it does not occur. */
const char *cmdline_find(const struct cmdline *cmdline, const char *name);

/*
 * For a parameter given several times: *index starts at 0 and is moved on.
 * => the next value in the order given, or NULL.
 */
const char *cmdline_find_next(const struct cmdline *cmdline, const char *name, unsigned *index);

/* The command line the kernel was booted with; to be set before anything asks. */
void cmdline_init(const char *text);
/* That text as it was given, cut to CMDLINE_SIZE. */
const char *cmdline_text(void);
const char *cmdline_get(const char *name);
const char *cmdline_get_next(const char *name, unsigned *index);
bool cmdline_has(const char *name);
/* => how many words process 1 gets, and the i-th of them. */
unsigned cmdline_nr_args(void);
const char *cmdline_arg(unsigned i);
