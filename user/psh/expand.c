/*
 * Variables, and what becomes of a word before it is an argument: ~, $NAME and ${NAME}, quotes.
 */
#include "user/psh/psh.h"

#define MAX_VARIABLES 128

static struct variable {
	char *text; /* NAME=value; NULL: the place is free */
	size_t room;
	bool exported;
} variables[MAX_VARIABLES];

static struct variable *find(const char *name)
{
	size_t len = name_end(name) - name;

	for (unsigned int i = 0; i < MAX_VARIABLES; i++)
		if (variables[i].text && !strncmp(variables[i].text, name, len) &&
		    variables[i].text[len] == '=')
			return &variables[i];
	return NULL;
}

const char *variable_get(const char *name)
{
	const struct variable *v = find(name);

	return v ? strchr(v->text, '=') + 1 : NULL;
}

void variable_set(const char *assignment)
{
	struct variable *v = find(assignment);
	size_t len = strlen(assignment) + 1;

	for (unsigned int i = 0; !v && i < MAX_VARIABLES; i++)
		if (!variables[i].text)
			v = &variables[i];
	if (!v) {
		complain(assignment, "too many variables");
		return;
	}
	if (len > v->room) {
		size_t room = (len + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
		char *text = sys_mmap(NULL, room, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (is_error_ptr(text)) {
			complain(assignment, error_text(-ENOMEM));
			return;
		}
		if (v->text)
			sys_munmap(v->text, v->room);
		v->text = text;
		v->room = room;
	}
	memmove(v->text, assignment, len);
}

void variable_export(const char *name)
{
	struct variable *v = find(name);

	if (v)
		v->exported = true;
}

void variable_unset(const char *name)
{
	struct variable *v = find(name);

	if (!v)
		return;
	sys_munmap(v->text, v->room);
	*v = (struct variable){0};
}

char **variables_exported(void)
{
	char **all = allot((MAX_VARIABLES + 1) * sizeof(*all)), **end = all;

	for (unsigned int i = 0; i < MAX_VARIABLES; i++)
		if (variables[i].text && variables[i].exported)
			*end++ = variables[i].text;
	return all;
}

/* --- fields --- */

struct fields {
	struct word **end;
	bool split;   /* at blanks that come from variables; else all is one field */
	bool started; /* there is a field, perhaps an empty one */
	char *text;
	size_t len, room;
};

static void put(struct fields *f, char c)
{
	if (f->len == f->room) {
		f->room = f->room * 2 + 64;
		f->text = memcpy(allot(f->room), f->text ? f->text : "", f->len);
	}
	f->text[f->len++] = c;
	f->started = true;
}

static void end_field(struct fields *f)
{
	if (!f->started)
		return;
	put(f, '\0');
	*f = (struct fields){.end = add_word(f->end, f->text), .split = f->split};
}

static void put_value(struct fields *f, const char *s, bool quoted)
{
	for (; s && *s; s++) {
		if (f->split && !quoted && (*s == ' ' || *s == '\t' || *s == '\n'))
			end_field(f);
		else
			put(f, *s);
	}
}

/* $@, in quotes a field for each; $* */
static void put_arguments(struct fields *f, bool quoted, bool separate)
{
	for (char **argument = shell.arguments + 1; *argument; argument++) {
		f->started |= quoted;
		put_value(f, *argument, quoted);
		if (argument[1] && f->split && (!quoted || separate))
			end_field(f);
		else if (argument[1])
			put(f, ' ');
	}
}

/* The value of $?, $1 and the like. */
static const char *special(char name)
{
	static char number[16];
	int nr_arguments = 0, value = 0;

	while (shell.arguments[nr_arguments + 1])
		nr_arguments++;
	if (name >= '0' && name <= '9')
		return name - '0' <= nr_arguments ? shell.arguments[name - '0'] : NULL;
	if (name == '#')
		value = nr_arguments;
	else if (name == '?')
		value = shell.status;
	else if (name == '$')
		value = shell.pid;
	else if (name == '!')
		value = shell.last_background;
	snprintf(number, sizeof(number), "%d", value);
	return number;
}

/* `s` is behind the dollar. => behind what it was about */
static const char *put_variable(struct fields *f, const char *s, bool quoted)
{
	bool braces = *s == '{';
	const char *name = s + braces, *end = name_end(name);

	if (!braces && (*s == '@' || *s == '*')) {
		put_arguments(f, quoted, *s == '@');
		return s + 1;
	}
	if (end == name && *name && strchr("?$#!0123456789", *name))
		end++;
	if (end == name || (braces && *end != '}')) {
		put(f, '$');
		return s;
	}
	put_value(f, name_end(name) > name ? variable_get(name) : special(*name), quoted);
	return end + braces;
}

static struct word **expand(struct word **to, const char *s, bool split)
{
	struct fields f = {.end = to, .split = split, .started = !split};
	bool quoted = false;

	if (s[0] == '~' && (!s[1] || s[1] == '/'))
		put_value(&f, variable_get("HOME"), true), s++;
	while (*s) {
		char c = *s++;

		if (c == '\'' && !quoted) {
			for (f.started = true; *s != '\''; s++)
				put(&f, *s);
			s++;
		} else if (c == '"' && !strncmp(s, "$@\"", 3) && !shell.arguments[1]) {
			s += 3; /* no argument, no field */
		} else if (c == '"') {
			quoted = !quoted;
			f.started = true;
		} else if (c == '\\' && quoted && !strchr("$`\"\\\n", *s)) {
			put(&f, c);
		} else if (c == '\\') {
			if (*s != '\n')
				put(&f, *s);
			s++;
		} else if (c == '$') {
			s = put_variable(&f, s, quoted);
		} else {
			put(&f, c);
		}
	}
	end_field(&f);
	return f.end;
}

char *expand_word(const char *raw)
{
	struct word *word = NULL;

	expand(&word, raw, false);
	return word->text;
}

struct word *expand_words(struct word *words)
{
	struct word *first = NULL, **end = &first;

	for (; words; words = words->next)
		end = expand(end, words->text, true);
	return first;
}
