/*
 * Running lines. Every command but the shell's own runs in a child. There is no job control: what runs belongs to the shell's
 * group, the shell itself does not mind Ctrl-C, and what runs in the background does not see it.
 */
#include "user/psh/psh.h"

#include <asm/signal.h>

void complain(const char *what, const char *why)
{
	char text[256];
	int len = snprintf(text, sizeof(text), "psh: %s: %s\n", what, why);

	sys_write(2, text, len < (int)sizeof(text) ? len : (int)sizeof(text) - 1);
}

const char *error_text(int error)
{
	static const struct {
		int error;
		const char *text;
	} texts[] = {
		{ENOENT, "not found"},        {EACCES, "permission denied"},
		{EISDIR, "it is a folder"},   {ENOTDIR, "it is no folder"},
		{ENOMEM, "no memory for it"}, {ENOEXEC, "it is no program"},
		{EPERM, "not permitted"},     {ESRCH, "no such process"},
		{EBADF, "not an open file"},  {EINVAL, "that makes no sense here"},
	};
	static char number[24];

	for (unsigned int i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].error == -error)
			return texts[i].text;
	snprintf(number, sizeof(number), "error %d", -error);
	return number;
}

int status_number(int status)
{
	return status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff;
}

/* `saved` may be NULL; else [fd] gets what undo_redirects() needs. */
static bool do_redirects(struct redirect *r, int *saved)
{
	static const int flags[] = {[READ_FROM] = O_RDONLY,
				    [WRITE_TO] = O_WRONLY | O_CREAT | O_TRUNC,
				    [APPEND_TO] = O_WRONLY | O_CREAT | O_APPEND};

	for (; r; r = r->next) {
		const char *target = expand_word(r->target);
		int fd = -EBADF;

		if (saved && !saved[r->fd])
			saved[r->fd] = sys_copy_away(r->fd);
		if (r->kind != DUPLICATE)
			fd = sys_open(target, flags[r->kind], 0666);
		else if (*target >= '0' && *target <= '9')
			fd = sys_dup2(*target - '0', r->fd);
		if (fd < 0) {
			complain(target, error_text(fd));
			return false;
		}
		if (fd != r->fd) {
			sys_dup2(fd, r->fd);
			sys_close(fd);
		}
	}
	return true;
}

static void undo_redirects(const int saved[10])
{
	for (int fd = 0; fd < 10; fd++) {
		if (saved[fd] > 0) {
			sys_dup2(saved[fd], fd);
			sys_close(saved[fd]);
		} else if (saved[fd]) {
			sys_close(fd); /* it was not open */
		}
	}
}

/* --- in a child --- */

/* Returns the error. */
static int execute_path(const char *path, char **argv, int argc)
{
	char **environment = variables_exported(), **all;
	int error = sys_execve(path, argv, environment);

	if (error != -ENOEXEC)
		return error;
	/* A script that does not say whose: ours. */
	all = allot((argc + 2) * sizeof(*all));
	all[0] = (char *)"psh";
	all[1] = (char *)path;
	memcpy(all + 2, argv + 1, (argc - 1) * sizeof(*all));
	return sys_execve("/proc/self/exe", all, environment);
}

void execute(struct word *words)
{
	const struct builtin *tool = find_builtin(tools, words->text);
	const char *folder = variable_get("PATH");
	int argc = 0, error = -ENOENT;
	char **argv;

	if (tool)
		sys_exit(tool->run(words->next));
	for (struct word *w = words; w; w = w->next)
		argc++;
	argv = allot((argc + 1) * sizeof(*argv));
	for (char **end = argv; words; words = words->next)
		*end++ = words->text;
	if (strchr(argv[0], '/')) {
		error = execute_path(argv[0], argv, argc);
		folder = NULL;
	}
	while (folder && *folder) {
		size_t len = 0, size;
		char *path;
		int result;

		while (folder[len] && folder[len] != ':')
			len++;
		size = len + strlen(argv[0]) + 2;
		path = allot(size);
		snprintf(path, size, "%.*s/%s", (int)len, folder, argv[0]);
		result = execute_path(path, argv, argc);
		if (result != -ENOENT && result != -ENOTDIR)
			error = result;
		folder += len + (folder[len] == ':');
	}
	complain(argv[0], error_text(error));
	sys_exit(error == -ENOENT || error == -ENOTDIR ? 127 : 126);
}

static bool is_assignment(const char *word)
{
	const char *end = name_end(word);

	return end > word && *end == '=';
}

static void assign(struct word *words, bool export)
{
	for (; words && is_assignment(words->text); words = words->next) {
		variable_set(expand_word(words->text));
		if (export)
			variable_export(words->text);
	}
}

static struct word *command_words(const struct command *command)
{
	struct word *words = command->words;

	while (words && is_assignment(words->text))
		words = words->next;
	return expand_words(words);
}

/* In the shell itself: one of its commands, or nothing but assignments and redirections. */
static int run_here(const struct command *command, const struct builtin *builtin,
		    struct word *words)
{
	/* Those of exec, which is no command any more when it returns, stay. */
	bool stay = builtin && !strcmp(builtin->name, "exec");
	int saved[10] = {0}, status = 0;

	assign(command->words, false);
	if (!do_redirects(command->redirects, stay ? NULL : saved))
		status = 2;
	else if (builtin)
		status = builtin->run(words->next);
	undo_redirects(saved);
	return status;
}

static void __attribute__((noreturn)) run_in_child(const struct command *command)
{
	struct word *words = command_words(command);
	const struct builtin *builtin = words ? find_builtin(shell_commands, words->text) : NULL;

	if (!words || builtin)
		sys_exit(run_here(command, builtin, words));
	assign(command->words, true);
	if (!do_redirects(command->redirects, NULL))
		sys_exit(2);
	execute(words);
}

/* --- in the shell --- */

static void set_signal(int signo, void (*handler)(int))
{
	const struct signal_action action = {.handler = handler};

	sys_rt_sigaction(signo, &action, NULL);
}

static int start_child(bool background)
{
	int pid = sys_fork();

	if (pid < 0)
		complain("no more processes", error_text(pid));
	if (pid)
		return pid;
	if (background) {
		set_signal(SIGINT, SIG_IGN);
		set_signal(SIGQUIT, SIG_IGN);
		sys_close(0);
		sys_open("/dev/null", O_RDONLY, 0);
	} else if (shell.interactive) {
		set_signal(SIGINT, SIG_DFL);
		set_signal(SIGQUIT, SIG_DFL);
	}
	shell.interactive = false;
	return 0;
}

static void move(int from, int to)
{
	if (from >= 0) {
		sys_dup2(from, to);
		sys_close(from);
	}
}

/* Starts what a pipeline consists of. => how many of pids[] there are */
static int start_commands(const struct command *command, int pids[], int room)
{
	int in = -1, nr = 0;

	for (; command; command = command->next) {
		int fds[2] = {-1, -1};

		if (command->next && (nr == room - 1 || sys_pipe(fds))) {
			complain("|", "there are too many");
			break;
		}
		pids[nr] = start_child(false);
		if (pids[nr] == 0) {
			move(in, 0);
			move(fds[1], 1);
			sys_close(fds[0]);
			run_in_child(command);
		}
		sys_close(in);
		sys_close(fds[1]);
		in = fds[0];
		if (pids[nr] < 0)
			break;
		nr++;
	}
	sys_close(in);
	return nr;
}

static int run_pipeline(const struct pipeline *pipeline)
{
	const struct command *first = pipeline->commands;
	int pids[32], status = 1 << 8, nr;

	if (!first->next) {
		struct word *words = command_words(first);
		const struct builtin *builtin =
			words ? find_builtin(shell_commands, words->text) : NULL;

		if (!words || builtin)
			return run_here(first, builtin, words);
	}
	nr = start_commands(first, pids, ARRAY_SIZE(pids));
	for (int i = 0; i < nr; i++)
		while (sys_wait4(pids[i], &status, 0, NULL) == -EINTR)
			;
	if (shell.interactive && (status & 0x7f))
		printf("%s\n", (status & 0x7f) == SIGINT ? "" : status_text(status));
	return status_number(status);
}

static void run_pipelines(const struct pipeline *pipeline)
{
	for (; pipeline && !shell.interrupted; pipeline = pipeline->next) {
		shell.status = run_pipeline(pipeline);
		if (pipeline->negated)
			shell.status = !shell.status;
		while (pipeline->next && (shell.status == 0) != (pipeline->then == IF_WELL))
			pipeline = pipeline->next;
	}
}

static void run_background(const struct list *list)
{
	int pid = start_child(true);

	if (pid == 0) {
		run_pipelines(list->pipelines);
		sys_exit(shell.status);
	}
	shell.status = pid < 0;
	if (pid < 0)
		return;
	shell.last_background = pid;
	if (shell.interactive)
		printf("[%d]\n", pid);
}

enum parse_result run_text(const char *text)
{
	while (*text) {
		const char *error = "";
		enum parse_result result;
		struct list *list;

		allot_again();
		result = parse_line(&text, &list, &error);
		if (result == PARSE_ERROR)
			complain("not understood", error);
		if (result != PARSE_OK)
			return result;
		for (; list && !shell.interrupted; list = list->next) {
			if (list->background)
				run_background(list);
			else
				run_pipelines(list->pipelines);
		}
	}
	return PARSE_OK;
}
