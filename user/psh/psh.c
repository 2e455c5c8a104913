/*
 * psh                 reads commands from standard input; with a prompt, if that is a terminal
 * psh -c TEXT [NAME [WORD]...]
 * psh FILE [WORD]...
 *
 * Started with a name that begins with '-' it does what /etc/profile says first.
 */
#include "user/psh/psh.h"

#include <asm/ioctls.h>
#include <asm/signal.h>
#include <asm/termbits.h>

struct shell shell;

static void at_interrupt(int signo)
{
	(void)signo;
	shell.interrupted = true;
}

static void become_interactive(void)
{
	static const int ignored[] = {SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};
	const struct signal_action ignore = {.handler = SIG_IGN};
	const struct signal_action interrupt = {.handler = at_interrupt,
						.flags = SA_RESTORER | SA_SIGINFO,
						.restorer = signal_return};

	shell.interactive = true;
	for (unsigned int i = 0; i < ARRAY_SIZE(ignored); i++)
		sys_rt_sigaction(ignored[i], &ignore, NULL);
	sys_rt_sigaction(SIGINT, &interrupt, NULL);
}

/* What ended in the background, and the prompt: PS1, of which \w and \$ are known. */
static void prompt(bool more)
{
	const char *s = variable_get("PS1");
	char folder[256];
	int status, pid;

	while ((pid = sys_wait4(-1, &status, WNOHANG, NULL)) > 0)
		printf("[%d] %s\n", pid, status_text(status));
	if (sys_getcwd(folder, sizeof(folder)) <= 0)
		folder[0] = '\0';
	for (s = more ? "> " : s ? s : "\\w \\$ "; *s; s++) {
		if (s[0] == '\\' && s[1] == 'w')
			printf("%s", folder);
		else if (s[0] == '\\' && s[1] == '$')
			printf("#");
		else
			printf("%c", *s);
		s += s[0] == '\\' && s[1];
	}
}

/*
 * Appends a line of standard input. What stands behind the line is for the commands that read, so it is taken letter by letter.
 * => what read() said last
 */
static long read_line(char *text, size_t *len, size_t room)
{
	long n;

	while ((n = sys_read(0, text + *len, 1)) == 1)
		if (text[(*len)++] == '\n' || *len == room)
			break;
	text[*len] = '\0';
	return n;
}

static void run_input(void)
{
	static char text[16384];
	size_t len = 0;

	for (;;) {
		enum parse_result result;
		long n;

		if (shell.interactive)
			prompt(len > 0);
		n = read_line(text, &len, sizeof(text) - 1);
		if (n < 0) {
			printf("\n"); /* Ctrl-C: not this line */
			len = 0;
			if (n != -EINTR)
				break;
			continue;
		}
		if (n == 0 && !len)
			break;
		shell.interrupted = false;
		result = run_text(text);
		if (result == PARSE_MORE && n > 0 && len < sizeof(text) - 1)
			continue;
		len = 0;
		if (result == PARSE_OK)
			continue;
		if (result == PARSE_MORE)
			complain("not understood", "the end is missing");
		shell.status = 2;
		if (!shell.interactive)
			break;
	}
	if (shell.interactive)
		printf("\n");
}

static void run_whole(const char *text)
{
	enum parse_result result = run_text(text);

	if (result == PARSE_MORE)
		complain("not understood", "the end is missing");
	if (result != PARSE_OK)
		shell.status = 2;
}

static void run_file(const char *path)
{
	static char text[1 << 18];
	long len = read_file(path, text, sizeof(text));

	if (len < 0) {
		complain(path, error_text(len));
		sys_exit(127);
	}
	if (len == sizeof(text) - 1) {
		complain(path, "too long");
		sys_exit(126);
	}
	run_whole(text);
}

int main(int argc, char *argv[], char *envp[])
{
	struct termios settings;

	shell.pid = sys_getpid();
	shell.arguments = argv;
	for (; *envp; envp++) {
		if (name_end(*envp) == *envp || *name_end(*envp) != '=')
			continue;
		variable_set(*envp);
		variable_export(*envp);
	}
	if (argc > 2 && !strcmp(argv[1], "-c")) {
		shell.arguments = argc > 3 ? argv + 3 : (char *[]){argv[0], NULL};
		run_whole(argv[2]);
		return shell.status;
	}
	if (argc > 1) {
		shell.arguments = argv + 1;
		run_file(argv[1]);
		return shell.status;
	}
	if (sys_ioctl(0, TCGETS, (long)&settings) == 0)
		become_interactive();
	if (argv[0][0] == '-' && sys_access("/etc/profile", F_OK) == 0)
		run_file("/etc/profile");
	run_input();
	return shell.status;
}
