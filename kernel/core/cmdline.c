/* The kernel's command line: one pass that cuts the text into words, in place. */
#include "kernel/core/cmdline.h"
#include "lib/string.h"

struct param {
	const char *name;
	bool flag; /* may stand without a value */
};

/* What the kernel takes for itself. */
static const struct param known[] = {
	{"console", false}, {"cpu", false},    {"failpoint", false}, {"init", false},
	{"mem", false},     {"memmap", false}, {"panic", false},     {"selftest", true},
};

static __initzero struct cmdline boot_cmdline;

/* The length of NAME where word is NAME or NAME=VALUE. */
static __init size_t name_len(const char *word)
{
	const char *equals = strchr(word, '=');

	return equals ? (size_t)(equals - word) : strlen(word);
}

static __init bool is_known(const char *word)
{
	size_t len = name_len(word);

	for (unsigned i = 0; i < ARRAY_SIZE(known); i++) {
		if (strlen(known[i].name) == len && !strncmp(known[i].name, word, len))
			return word[len] == '=' || known[i].flag;
	}
	return false;
}

static __init void add(struct cmdline *cmdline, const char **words, unsigned *nr, const char *word)
{
	if (*nr < CMDLINE_MAX_WORDS)
		words[(*nr)++] = word;
	else
		cmdline->dropped++;
}

static __init bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

__init void cmdline_parse(struct cmdline *cmdline, const char *text)
{
	char *from = cmdline->text, *to = cmdline->text;
	bool only_args = false;

	memset(cmdline, 0, sizeof(*cmdline));
	strlcpy(cmdline->text, text, sizeof(cmdline->text));
	/* `to` never overtakes `from`: quotes only go, and a word's NUL takes the place of its blank. */
	for (;;) {
		const char *word = to;
		bool quoted = false, quotes = false, more;

		while (is_blank(*from))
			from++;
		if (!*from)
			return;
		for (; *from && (quoted || !is_blank(*from)); from++) {
			if (*from == '"') {
				quoted = !quoted;
				quotes = true;
			} else {
				*to++ = *from;
			}
		}
		more = *from;
		*to++ = '\0';
		if (!only_args && !quotes && !strcmp(word, "--"))
			only_args = true;
		else if (!only_args && is_known(word))
			add(cmdline, cmdline->params, &cmdline->nr_params, word);
		else
			add(cmdline, cmdline->args, &cmdline->nr_args, word);
		if (!more)
			return;
		from++;
	}
}

__init const char *cmdline_find_next(const struct cmdline *cmdline, const char *name,
				     unsigned *index)
{
	size_t len = strlen(name);

	while (*index < cmdline->nr_params) {
		const char *word = cmdline->params[(*index)++];

		if (name_len(word) == len && !strncmp(word, name, len))
			return word[len] ? word + len + 1 : "";
	}
	return NULL;
}

__init const char *cmdline_find(const struct cmdline *cmdline, const char *name)
{
	const char *value, *last = NULL;
	unsigned index = 0;

	while ((value = cmdline_find_next(cmdline, name, &index)))
		last = value;
	return last;
}

static char boot_text[CMDLINE_SIZE];

const char *cmdline_text(void)
{
	return boot_text;
}

__init void cmdline_init(const char *text)
{
	strlcpy(boot_text, text, sizeof(boot_text));
	cmdline_parse(&boot_cmdline, text);
}

__init const char *cmdline_get(const char *name)
{
	return cmdline_find(&boot_cmdline, name);
}

__init const char *cmdline_get_next(const char *name, unsigned *index)
{
	return cmdline_find_next(&boot_cmdline, name, index);
}

__init bool cmdline_has(const char *name)
{
	return cmdline_get(name);
}

__init unsigned cmdline_nr_args(void)
{
	return boot_cmdline.nr_args;
}

__init const char *cmdline_arg(unsigned i)
{
	return i < boot_cmdline.nr_args ? boot_cmdline.args[i] : NULL;
}
