/* What must run in the shell itself: it changes the shell. */
#include "user/psh/psh.h"

static int do_nothing(struct word *arguments)
{
	(void)arguments;
	return 0;
}

static int do_false(struct word *arguments)
{
	(void)arguments;
	return 1;
}

static int do_cd(struct word *arguments)
{
	const char *to = arguments ? arguments->text : variable_get("HOME");
	int error = sys_chdir(to ? to : "/");

	if (error)
		complain(to ? to : "/", error_text(error));
	return error != 0;
}

static int do_exit(struct word *arguments)
{
	sys_exit(arguments ? (int)parse_number(arguments->text, NULL) : shell.status);
}

static int do_export(struct word *arguments)
{
	for (char **v = arguments ? NULL : variables_exported(); v && *v; v++)
		printf("export %s\n", *v);
	for (; arguments; arguments = arguments->next) {
		if (*name_end(arguments->text) == '=')
			variable_set(arguments->text);
		variable_export(arguments->text);
	}
	return 0;
}

static int do_unset(struct word *arguments)
{
	for (; arguments; arguments = arguments->next)
		variable_unset(arguments->text);
	return 0;
}

static int do_exec(struct word *arguments)
{
	if (arguments)
		execute(arguments);
	return 0;
}

static int do_wait(struct word *arguments)
{
	int pid = arguments ? (int)parse_number(arguments->text, NULL) : -1, status = 0, ended;

	do
		ended = sys_wait4(pid, &status, 0, NULL);
	while (ended == -EINTR || (ended > 0 && !arguments));
	if (!arguments)
		return 0;
	return ended == pid ? status_number(status) : 127;
}

static int do_help(struct word *arguments)
{
	const struct builtin *const tables[] = {shell_commands, tools};

	(void)arguments;
	for (unsigned int i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct builtin *b = tables[i]; b->name; b++)
			if (b->help)
				printf("  %s\n", b->help);
	printf("  and: a | b, a < file, a > file, a >> file, 2>&1, a && b, a || b, a ; b, a &\n");
	return 0;
}

const struct builtin shell_commands[] = {
	{"cd", do_cd, "cd [FOLDER]"},
	{"exec", do_exec, "exec PROGRAM WORD...     becomes this program"},
	{"exit", do_exit, "exit [STATUS]"},
	{"export", do_export, "export NAME[=VALUE]...   gives variables to programs; lists them"},
	{"unset", do_unset, "unset NAME..."},
	{"wait", do_wait, "wait [PID]               until what runs in the background ends"},
	{"help", do_help, "help"},
	{":", do_nothing, NULL},
	{"true", do_nothing, NULL},
	{"false", do_false, NULL},
	{NULL, NULL, NULL},
};

const struct builtin *find_builtin(const struct builtin *table, const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table;
	return NULL;
}
