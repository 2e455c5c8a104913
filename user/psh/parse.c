/*
 * From text to lists:
 *
 *	line      list { (';' | '&') list } newline
 *	list      pipeline { ('&&' | '||') pipeline }
 *	pipeline  ['!'] command { '|' command }
 *	command   words and redirections
 *
 * Words stay as they were written, quotes and all; expand.c looks into them.
 */
#include "user/psh/psh.h"

#define POOL_SIZE (1u << 20)

enum token { END, NEWLINE, WORD, AND_IF, OR_IF, AMPERSAND, SEMICOLON, PIPE, REDIRECT };

struct parser {
	const char *at; /* behind the token */
	enum token token;
	char *text;              /* WORD */
	int fd;                  /* REDIRECT */
	enum redirect_kind kind; /* REDIRECT */
	bool more;
	const char *error;
};

static char pool[POOL_SIZE] __attribute__((aligned(8)));
static size_t pool_used;

void *allot(size_t len)
{
	char *p = pool + pool_used;

	len = (len + 7) & ~7u;
	if (len > POOL_SIZE - pool_used) {
		complain("memory", "this is too much");
		sys_exit(2);
	}
	pool_used += len;
	return memset(p, 0, len);
}

void allot_again(void)
{
	pool_used = 0;
}

struct word **add_word(struct word **end, char *text)
{
	struct word *word = allot(sizeof(*word));

	word->text = text;
	*end = word;
	return &word->next;
}

const char *name_end(const char *s)
{
	if (*s >= '0' && *s <= '9')
		return s;
	while ((*s >= '0' && *s <= '9') || ((*s | 32) >= 'a' && (*s | 32) <= 'z') || *s == '_')
		s++;
	return s;
}

static const char *word_end(struct parser *p, const char *s)
{
	char quote = 0;

	for (; *s && (quote || !strchr(" \t\n;&|<>", *s)); s++) {
		if (*s == '\\' && quote != '\'') {
			p->more |= !s[1] || (s[1] == '\n' && !s[2]);
			s += !!s[1];
		} else if (*s == quote) {
			quote = 0;
		} else if (!quote && (*s == '\'' || *s == '"')) {
			quote = *s;
		}
	}
	p->more |= quote;
	return s;
}

/* An operator here? The longer one of two that start alike stands first. */
static bool take_operator(struct parser *p, const char *s)
{
	static const struct {
		const char *text;
		enum token token;
		enum redirect_kind kind;
	} operators[] = {
		{"\n", NEWLINE, 0},
		{"&&", AND_IF, 0},
		{"||", OR_IF, 0},
		{"&", AMPERSAND, 0},
		{"|", PIPE, 0},
		{";", SEMICOLON, 0},
		{">>", REDIRECT, APPEND_TO},
		{">&", REDIRECT, DUPLICATE},
		{">", REDIRECT, WRITE_TO},
		{"<&", REDIRECT, DUPLICATE},
		{"<", REDIRECT, READ_FROM},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(operators); i++) {
		size_t len = strlen(operators[i].text);

		if (strncmp(s, operators[i].text, len))
			continue;
		p->token = operators[i].token;
		p->kind = operators[i].kind;
		p->text = (char *)operators[i].text;
		p->at = s + len;
		return true;
	}
	return false;
}

static void next(struct parser *p)
{
	const char *s = p->at;
	bool continued = false;
	size_t len;

	for (; *s == ' ' || *s == '\t' || (s[0] == '\\' && s[1] == '\n'); s += continued ? 2 : 1)
		continued = *s == '\\';
	if (*s == '#')
		while (*s && *s != '\n')
			s++;
	p->at = s;
	if (!*s) {
		p->token = END;
		p->more |= continued;
		return;
	}
	if (*s >= '0' && *s <= '9' && (s[1] == '<' || s[1] == '>')) {
		take_operator(p, s + 1);
		p->fd = *s - '0';
		return;
	}
	if (take_operator(p, s)) {
		p->fd = *s == '>';
		return;
	}
	p->token = WORD;
	p->at = word_end(p, s);
	len = p->at - s;
	p->text = memcpy(allot(len + 1), s, len);
}

static void *fail(struct parser *p)
{
	if (p->token == END)
		p->more = true;
	else if (!p->error)
		p->error = p->token == NEWLINE ? "the end of the line" : p->text;
	return NULL;
}

static void skip_newlines(struct parser *p)
{
	while (p->token == NEWLINE)
		next(p);
}

static struct command *parse_command(struct parser *p)
{
	struct command *command = allot(sizeof(*command));
	struct redirect **redirect = &command->redirects;
	struct word **word = &command->words;

	if (p->token != WORD && p->token != REDIRECT)
		return fail(p);
	for (; p->token == WORD || p->token == REDIRECT; next(p)) {
		if (p->token == WORD) {
			word = add_word(word, p->text);
			continue;
		}
		*redirect = allot(sizeof(**redirect));
		(*redirect)->kind = p->kind;
		(*redirect)->fd = p->fd;
		next(p);
		if (p->token != WORD)
			return fail(p);
		(*redirect)->target = p->text;
		redirect = &(*redirect)->next;
	}
	return command;
}

static struct pipeline *parse_pipeline(struct parser *p)
{
	struct pipeline *pipeline = allot(sizeof(*pipeline));
	struct command **end = &pipeline->commands;

	while (p->token == WORD && !strcmp(p->text, "!")) {
		pipeline->negated ^= true;
		next(p);
	}
	while ((*end = parse_command(p)) && p->token == PIPE) {
		end = &(*end)->next;
		next(p);
		skip_newlines(p);
	}
	return *end ? pipeline : NULL;
}

static struct list *parse_list(struct parser *p)
{
	struct list *list = allot(sizeof(*list));
	struct pipeline **end = &list->pipelines;

	for (;;) {
		*end = parse_pipeline(p);
		if (!*end)
			return NULL;
		if (p->token != AND_IF && p->token != OR_IF)
			break;
		(*end)->then = p->token == AND_IF ? IF_WELL : IF_NOT_WELL;
		end = &(*end)->next;
		next(p);
		skip_newlines(p);
	}
	list->background = p->token == AMPERSAND;
	return list;
}

enum parse_result parse_line(const char **at, struct list **lists, const char **error)
{
	struct parser p = {.at = *at};

	*lists = NULL;
	next(&p);
	while (p.token != NEWLINE && p.token != END) {
		*lists = parse_list(&p);
		if (!*lists)
			break;
		lists = &(*lists)->next;
		if (p.token == SEMICOLON || p.token == AMPERSAND)
			next(&p);
	}
	if (p.error) {
		*error = p.error;
		return PARSE_ERROR;
	}
	if (p.more)
		return PARSE_MORE;
	*at = p.at;
	return PARSE_OK;
}
