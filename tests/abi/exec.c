/* execve: what it refuses, and what the new program finds. */
#include "tests/abi/lib/abi.h"

#include <linux/resource.h>

#include <linux/auxvec.h>

static char *const no_words[] = {NULL};

static void refuse(const char *what, const char *path)
{
	char *argv[] = {"refused", NULL};

	say(what, sys_execve(path, argv, no_words));
}

/*
 * Reading the own program through the auxiliary vector: argv, envp and it follow each other on the
 * stack.
 */
static unsigned long *find_auxv(char *envp[])
{
	while (*envp)
		envp++;
	return (unsigned long *)(envp + 1);
}

static unsigned long aux(char *envp[], unsigned long type)
{
	for (unsigned long *av = find_auxv(envp); av[0] != AT_NULL; av += 2)
		if (av[0] == type)
			return av[1];
	return -1ul;
}

static void show_vectors(int argc, char *argv[], char *envp[])
{
	unsigned char *random = (unsigned char *)aux(envp, AT_RANDOM);
	const char *file = (const char *)aux(envp, AT_EXECFN);
	int envc = 0, any = 0;

	line("argc %d", argc);
	for (int i = 0; i < argc; i++)
		line("argv[%d] '%s'", i, argv[i]);
	line("argv ends: %s", argv[argc] ? "no" : "yes");
	for (; envp[envc]; envc++)
		line("envp[%d] '%s'", envc, envp[envc]);
	line("envp follows argv: %s", envp == argv + argc + 1 ? "yes" : "no");
	line("AT_PAGESZ %lu", aux(envp, AT_PAGESZ));
	line("AT_PHENT %lu, AT_PHNUM %lu", aux(envp, AT_PHENT), aux(envp, AT_PHNUM));
	line("AT_PHDR is 52 bytes behind the ELF header: %s",
	     memcmp((char *)aux(envp, AT_PHDR) - 52, "\177ELF", 4) ? "no" : "yes");
	line("AT_ENTRY is in the program: %s",
	     aux(envp, AT_ENTRY) - 0x08048000 < 0x10000 ? "yes" : "no");
	line("AT_BASE %lu, AT_FLAGS %lu, AT_SECURE %lu", aux(envp, AT_BASE), aux(envp, AT_FLAGS),
	     aux(envp, AT_SECURE));
	line("AT_CLKTCK %lu", aux(envp, AT_CLKTCK));
	line("AT_HWCAP is given: %s", aux(envp, AT_HWCAP) != -1ul ? "yes" : "no");
	say_text("AT_EXECFN", file == (char *)-1 ? "none" : file);
	say_text("AT_PLATFORM starts with i",
		 *(char *)aux(envp, AT_PLATFORM) == 'i' ? "yes" : "no");
	for (int i = 0; i < 16; i++)
		any |= random[i];
	line("AT_RANDOM has 16 bytes that are not all 0: %s", any ? "yes" : "no");
	line("strings lie above the vectors: %s",
	     argc && argv[0] > (char *)find_auxv(envp) ? "yes" : "no");
	say("descriptor 40, kept", sys_lseek(40, 0, 1));
	say("descriptor 41, closed on exec", sys_lseek(41, 0, 1));
}

struct words {
	char **argv, **envp;
};

static int run_self(void *arg)
{
	struct words *words = arg;

	return -sys_execve("tests/abi/exec", words->argv, words->envp);
}

static void run(const char *what, char *argv[], char *envp[])
{
	struct words words = {argv, envp};

	say_status(what, in_child(run_self, &words));
}

/* What runs is not written, and what is written does not run. */
static void show_busy(void)
{
	int fd = sys_open("tests/abi/exec", O_RDONLY, 0);

	say("its own file, to read", fd < 0 ? fd : 0);
	say("to write", sys_open("tests/abi/exec", O_WRONLY, 0));
	say("to write and read", sys_open("tests/abi/exec", O_RDWR, 0));
	say("cut when opened", sys_open("tests/abi/exec", O_RDWR | O_TRUNC, 0));
	say("cut", syscall2(__NR_truncate, (long)"tests/abi/exec", 0));
	sys_close(fd);
	fd = sys_open("abi-exec-busy", O_WRONLY | O_CREAT, 0755);
	refuse("a file that somebody writes", "abi-exec-busy");
	sys_close(fd);
	refuse("and does not any more", "abi-exec-busy");
	syscall1(__NR_unlink, (long)"abi-exec-busy");
}

static void show_refusals(void)
{
	static char long_name[300], long_path[5000];
	char *bad_vector[] = {"refused", (char *)0xfffff000, NULL};
	char *argv[] = {"refused", NULL};

	refuse("no such file", "tests/abi/nothing");
	refuse("no such folder", "tests/nothing/exec");
	refuse("a file as a folder", "tests/data/text/exec");
	refuse("a folder", "tests/data");
	refuse("a file without execute permission", "tests/data/text");
	refuse("an executable empty file", "tests/data/exec-empty");
	refuse("an executable text", "tests/data/exec-text");
	refuse("an ELF header cut short", "tests/data/exec-short");
	refuse("an ELF file of another machine", "tests/data/exec-machine");
	refuse("an empty name", "");
	refuse("a name at a bad address", (char *)0xfffff000);
	memset(long_name, 'n', sizeof(long_name) - 1);
	refuse("a name of 299 letters", long_name);
	memset(long_path, '/', sizeof(long_path) - 1);
	refuse("a path of 4999 letters", long_path);
	show_busy();
	say("argv at a bad address",
	    sys_execve("tests/abi/exec", (char *const *)0xfffff000, no_words));
	say("an argument at a bad address", sys_execve("tests/abi/exec", bad_vector, no_words));
	say("envp at a bad address", sys_execve("tests/abi/exec", argv, (char *const *)0xfffff000));
}

static void show_too_big(void)
{
	size_t len = 64 * PAGE_SIZE;
	char *big = need_pages(len / PAGE_SIZE, PROT_READ | PROT_WRITE);
	char *argv[] = {"silent", big, NULL};

	memset(big, 'b', len - 1);
	say("an argument of 256 KiB", sys_execve("tests/abi/exec", argv, no_words));
	big[32 * PAGE_SIZE] = '\0';
	say("an argument of 128 KiB and its end", sys_execve("tests/abi/exec", argv, no_words));
	big[32 * PAGE_SIZE - 1] = '\0';
	argv[0] = "long";
	run("an argument of 128 KiB less 1", argv, (char **)no_words);
}

/* All of them together have a quarter of the stack's limit. */
static void show_too_many(void)
{
	size_t len = 25 * PAGE_SIZE;
	char *word = need_pages(len / PAGE_SIZE, PROT_READ | PROT_WRITE);
	char *argv[] = {"silent", word, word, word, NULL};
	unsigned long limit[2], less[2];

	memset(word, 'w', len - 1);
	syscall2(__NR_ugetrlimit, RLIMIT_STACK, (long)limit);
	less[0] = 1u << 20;
	less[1] = limit[1];
	syscall2(__NR_setrlimit, RLIMIT_STACK, (long)less);
	run("three arguments of 100 KiB with a stack of 1 MiB", argv, (char **)no_words);
	argv[3] = NULL;
	run("two", argv, (char **)no_words);
	less[0] = 16u << 10;
	syscall2(__NR_setrlimit, RLIMIT_STACK, (long)less);
	run("two with a stack of 16 KiB", argv, (char **)no_words);
	syscall2(__NR_setrlimit, RLIMIT_STACK, (long)limit);
}

static int keep_descriptors(void *arg)
{
	/* 40 stays, 41 goes */
	sys_open(DATA_FILE, O_RDONLY, 0);
	syscall2(__NR_dup2, 3, 40);
	syscall3(__NR_dup3, 3, 41, O_CLOEXEC);
	sys_lseek(40, 77, 0);
	return run_self(arg);
}

int main(int argc, char *argv[], char *envp[])
{
	char *plain[] = {"show", "one", "", "three words", NULL};
	char *env[] = {"A=1", "EMPTY=", "no equals sign", NULL};
	char *silent[] = {"silent", NULL};
	struct words words = {plain, env};

	if (argc && !strcmp(argv[0], "silent"))
		return 33;
	if (argc && !strcmp(argv[0], "long")) {
		line("the long argument has %zu letters", strlen(argv[1]));
		return 0;
	}
	if (argc && !strcmp(argv[0], "show")) {
		show_vectors(argc, argv, envp);
		return 12;
	}
	if (argc == 0 || !*argv[0])
		return argc; /* Linux gives an empty argv[0] where there is none */
	show_refusals();
	run("a program that says nothing", silent, env);
	say_status("a program with words", in_child(keep_descriptors, &words));
	run("no words at all", (char **)no_words, (char **)no_words);
	run("argv NULL", NULL, NULL);
	show_too_big();
	show_too_many();
	return 0;
}
