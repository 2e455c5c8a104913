#include "kernel/process/script.h"
#include "lib/err.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"

#define LINE_MAX 256u /* bytes that are looked at; the last one becomes NUL */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static char *skip_blanks(char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	return at;
}

static char *skip_word(char *at, const char *end)
{
	while (at < end && *at && !is_blank(*at))
		at++;
	return at;
}

/* Where the text of the line ends, or NULL: the reader's name may be cut off. */
static char *find_end(char *line)
{
	char *end = memchr(line, '\n', LINE_MAX), *last = line + LINE_MAX - 1;

	if (!end) {
		if (skip_word(skip_blanks(line + 2, last), last) == last && *last &&
		    !is_blank(*last))
			return NULL;
		end = last;
	}
	while (is_blank(end[-1]))
		end--;
	return end;
}

/* Cuts the line in two: the reader's name and the rest, NULL if there is none. NULL: no name. */
static char *parse(char *line, char **argument)
{
	char *end = find_end(line), *name, *name_end;

	if (!end)
		return NULL;
	name = skip_blanks(line + 2, end);
	name_end = skip_word(name, end);
	if (name == end)
		return NULL;
	*end = '\0';
	*argument = NULL;
	if (name_end < end && *name_end)
		*argument = skip_blanks(name_end, end);
	*name_end = '\0';
	return name;
}

static void push(struct script *script, const char *word)
{
	memmove(script->words + 1, script->words, sizeof(script->words) - sizeof(word));
	script->words[0] = word;
}

const char *script_read(struct script *script, struct file *f, const char *path)
{
	char *line = kzalloc(LINE_MAX, GFP_KERNEL), *argument, *reader;
	ssize_t len;
	int err = 0;

	if (!line)
		return ERR_PTR(-ENOMEM);
	len = file_read_kernel(f, line, LINE_MAX, 0);
	if (len < 2 || line[0] != '#' || line[1] != '!') {
		kfree(line);
		return len < 0 ? ERR_PTR(len) : NULL;
	}
	reader = parse(line, &argument);
	if (!reader)
		err = -ENOEXEC;
	else if (!*reader) /* "" names the current folder, as on Linux */
		err = -EACCES;
	else if (script->levels == SCRIPT_LEVELS_MAX)
		err = -ELOOP;
	if (err) {
		kfree(line);
		return ERR_PTR(err);
	}
	script->line[script->levels++] = line;
	if (!script->words[0])
		push(script, path); /* deeper levels find it there as their reader's name */
	if (argument)
		push(script, argument);
	push(script, reader);
	return reader;
}

void script_free(struct script *script)
{
	while (script->levels)
		kfree(script->line[--script->levels]);
}
