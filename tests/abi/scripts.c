/* execve of "#!" scripts: what their reader is told, and which first lines are refused. */
#include "tests/abi/lib/abi.h"

#define SELF   "tests/abi/scripts"
#define SCRIPT "tests/data/script"

struct words {
	const char *path;
	char **argv;
};

static int run_words(void *arg)
{
	struct words *words = arg;
	char *env[] = {"E=1", NULL};
	int ret = sys_execve(words->path, words->argv, env);

	say("execve", ret);
	return 99;
}

static void make(const char *path, const char *text, size_t len)
{
	int fd = sys_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	sys_write(fd, text, len);
	sys_close(fd);
}

static void run(const char *what, const char *path, char *argv[])
{
	struct words words = {path, argv};

	say_status(what, in_child(run_words, &words));
}

static void try_text(const char *what, const char *text)
{
	char *argv[] = {"zeroth", "one", "two words", NULL};

	make(SCRIPT, text, strlen(text));
	run(what, SCRIPT, argv);
}

/* A first line of len bytes, newline not counted: the reader's name and an argument of x. */
static void try_length(size_t len, const char *end)
{
	static char text[600];
	char *argv[] = {"zeroth", NULL};
	size_t used = strlen("#!" SELF " ");

	memcpy(text, "#!" SELF " ", used);
	memset(text + used, 'x', len - used);
	memcpy(text + len, end, strlen(end) + 1);
	line("a line of %zu bytes", len);
	make(SCRIPT, text, strlen(text));
	run("it", SCRIPT, argv);
}

static void try_levels(int levels)
{
	char *argv[] = {"zeroth", "last", NULL};
	char path[] = SCRIPT "-0", text[64];

	for (int i = 0; i < levels; i++) {
		int len;

		path[sizeof(path) - 2] = '0' + i;
		if (i == 0)
			len = snprintf(text, sizeof(text), "#!" SELF "\n");
		else
			len = snprintf(text, sizeof(text), "#!" SCRIPT "-%d level%d\n", i - 1, i);
		make(path, text, len);
	}
	line("%d levels", levels);
	run("they", path, argv);
}

static void show(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++) {
		size_t len = strlen(argv[i]);

		if (len > 60)
			line("argv[%d] has %zu letters", i, len);
		else
			line("argv[%d] '%s'", i, argv[i]);
	}
}

int main(int argc, char *argv[])
{
	char *none[] = {NULL}, *one[] = {"zeroth", NULL};
	char big[] = "#!" SELF "\n";

	if (argc > 1) {
		show(argc, argv);
		return 40 + argc;
	}
	try_text("plain", "#!" SELF "\nanything\n");
	try_text("blanks before the name", "#! \t " SELF "\n");
	try_text("an argument", "#!" SELF " -x\n");
	try_text("all behind the name is one argument", "#!" SELF "   -x -y  z \t \n");
	try_text("no newline", "#!" SELF " a");
	try_text("only a name and no newline", "#!" SELF);
	try_text("no name", "#!\n");
	try_text("only blanks", "#!   \t  \n");
	try_text("nothing more", "#!");
	try_text("half of it", "#\n");
	try_text("no such reader", "#!tests/abi/nothing\n");
	try_text("the reader is a folder", "#!tests/abi\n");
	try_text("the reader may not be executed", "#!tests/data/text\n");
	try_text("the reader is its own", "#!" SCRIPT "\n");
	try_length(254, "\n");
	try_length(255, "\n");
	try_length(256, "\n");
	try_length(300, "\n");
	try_length(255, "");
	for (int levels = 1; levels <= 7; levels++)
		try_levels(levels);
	make(SCRIPT, big, sizeof(big) - 1);
	run("no argv at all", SCRIPT, none);
	run("argv NULL", SCRIPT, NULL);
	run("only argv[0]", SCRIPT, one);
	make(SCRIPT, "#!" SELF "\0 x\n", sizeof("#!" SELF "\0 x\n") - 1);
	run("NUL behind the name", SCRIPT, one);
	syscall1(__NR_unlink, (long)SCRIPT);
	return 0;
}
