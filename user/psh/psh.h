/*
 * psh, Pagoda's own small shell: for images without busybox, and for processors that Debian's programs do not run on.
 *
 * A line becomes lists of pipelines of commands (parse.c), whose words are expanded when they are run (expand.c, run.c): in the
 * shell itself, or in a child, by a tool that it brings (commands.c, tools.c) or a program. What it knows, it does as sh(1);
 * it knows no loops, functions, patterns and substitution of commands.
 */
#pragma once

#include "user/lib/io.h"
#include "user/lib/syscall.h"

struct word {
	struct word *next;
	char *text;
};

struct redirect {
	struct redirect *next;
	enum redirect_kind { READ_FROM, WRITE_TO, APPEND_TO, DUPLICATE } kind;
	int fd;       /* 0 to 9 */
	char *target; /* as it was written */
};

struct command {
	struct command *next; /* its output is read by this one */
	struct word *words;   /* as they were written */
	struct redirect *redirects;
};

struct pipeline {
	struct pipeline *next;
	enum { IF_WELL, IF_NOT_WELL } then; /* when the next one runs */
	bool negated;                       /* ! */
	struct command *commands;
};

struct list {
	struct list *next;
	struct pipeline *pipelines;
	bool background;
};

/* --- parse.c --- */

/* Memory, zeroed, that lasts until allot_again(): as long as a line. */
void *allot(size_t len);
void allot_again(void);
/* Appends to the list whose end is at *end; => its new end. */
struct word **add_word(struct word **end, char *text);

enum parse_result { PARSE_OK, PARSE_MORE, PARSE_ERROR };

/*
 * Takes apart the first line at *at, and those that it needs to be complete, and moves *at behind them. PARSE_MORE: it is not
 * complete. PARSE_ERROR: *error is what stands in the wrong place.
 */
enum parse_result parse_line(const char **at, struct list **lists, const char **error);
/* Behind the name of a variable that starts here. */
const char *name_end(const char *s);

/* --- expand.c --- */

/* A word without its quotes and with the values of its variables, as one. */
char *expand_word(const char *raw);
/* The fields of all words, which are split at blanks that come from variables. */
struct word *expand_words(struct word *words);
/* NULL: there is none. `name` ends where a name cannot go on. */
const char *variable_get(const char *name);
/* `assignment` is NAME=value. */
void variable_set(const char *assignment);
void variable_export(const char *name);
void variable_unset(const char *name);
/* For execve. */
char **variables_exported(void);

/* --- run.c --- */

struct shell {
	bool interactive;
	volatile bool interrupted; /* Ctrl-C: the rest of the line is left out */
	int pid;                   /* $$ */
	int status;                /* $? */
	int last_background;       /* $! */
	char **arguments;          /* $0, $1 ... NULL */
};
extern struct shell shell;

/* Does all that the text says, line by line. => PARSE_MORE, PARSE_ERROR: where it stopped, the end is missing, or is wrong */
enum parse_result run_text(const char *text);
/* What process `pid` that was waited for ended with, as $? has it. */
int status_number(int status);
/* Replaces the process by a tool or a program. */
void __attribute__((noreturn)) execute(struct word *words);
void complain(const char *what, const char *why);
const char *error_text(int error);

/* --- commands.c, tools.c --- */

struct builtin {
	const char *name;
	int (*run)(struct word *arguments);
	const char *help;
};
/* What must run in the shell itself, and what runs in a child as a program does. */
extern const struct builtin shell_commands[], tools[];
const struct builtin *find_builtin(const struct builtin *table, const char *name);
