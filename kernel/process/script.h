/*
 * "#!" at the beginning of a file: another program reads it.
 *
 *	script, called as ./script a b       #!/bin/sh -e
 *	becomes                              /bin/sh -e ./script a b
 *
 * The rules are Linux's: the line is looked at up to byte 255, all behind the name is one argument,
 * and the reader may be a script itself, five times over.
 */
#pragma once

#include "fs/file.h"
#include "lib/compiler.h"

#define SCRIPT_LEVELS_MAX 5u

struct script { /* starts out as zeros */
	u32 levels;
	char *line[SCRIPT_LEVELS_MAX];
	const char *words[2 * SCRIPT_LEVELS_MAX + 2]; /* ended by NULL; they stand in for argv[0] */
};

/*
 * f was opened as path, which must stay until script_free(). If it is a script, its reader and what
 * the reader is told come before words. => the reader's path; NULL: f is no script;
 * ERR_PTR(-ENOEXEC: the line names nothing; -ELOOP: too many levels; -EACCES, -ENOMEM, -EIO).
 */
__must_check const char *script_read(struct script *script, struct file *f, const char *path);
void script_free(struct script *script);
