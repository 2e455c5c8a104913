/*
 * data: executes what is no code, and says for each way which signal came, why and where. Then it makes code at run
 * time, as a JIT does, and looks at who else could run it, before and after. Where the processor refuses to execute
 * data each line of the first kind says SEGV_ACCERR at the data itself.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEN 4096

static unsigned char in_data[16] = {1}, in_bss[16];
static sigjmp_buf before;
static siginfo_t fault;

static void on_fault(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)context;
	fault = *info;
	siglongjmp(before, 1);
}

/* mov eax, value; ret */
static void emit(unsigned char *at, unsigned char value)
{
	const unsigned char code[] = {0xB8, value, 0, 0, 0, 0xC3};

	memcpy(at, code, sizeof(code));
}

/* Jumps to `at` by the three instructions that can: what the code there returned, or -1 after a fault. */
static int execute(unsigned char *at, char how)
{
	int result = -1;

	if (sigsetjmp(before, 1))
		return -1;
	if (how == 'c')
		asm volatile("call *%1" : "=a"(result) : "r"(at) : "memory", "cc");
	else if (how == 'j')
		asm volatile("call 2f\n\tjmp 1f\n2:\tjmp *%1\n1:"
			     : "=a"(result)
			     : "r"(at)
			     : "memory", "cc");
	else
		asm volatile("call 2f\n\tjmp 1f\n2:\tpush %1\n\tret\n1:"
			     : "=a"(result)
			     : "r"(at)
			     : "memory", "cc");
	return result;
}

static void say_result(const char *what, int result, const unsigned char *at)
{
	if (result >= 0)
		printf("data: %s: ran and returned %d\n", what, result);
	else
		printf("data: %s: signal %d, %s, %s\n", what, fault.si_signo,
		       fault.si_code == SEGV_ACCERR   ? "ACCERR"
		       : fault.si_code == SEGV_MAPERR ? "MAPERR"
						      : "another code",
		       fault.si_addr == at ? "at the data" : "elsewhere");
	fflush(stdout);
}

static void say(const char *what, unsigned char *at, char how)
{
	say_result(what, execute(at, how), at);
}

static void try_all(unsigned char *at, const char *what)
{
	static const char ways[][2] = {"c", "j", "r"};
	char text[64];

	emit(at, 42);
	for (unsigned int i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "%s by %s", what,
			 (const char *[]){"call", "jump", "return"}[i]);
		say(text, at, ways[i][0]);
	}
}

static unsigned char *map(int prot)
{
	unsigned char *p = mmap(NULL, LEN, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		exit(1);
	return p;
}

/* In another process, made before: it looks after we have made code, and its answer is waited for. */
static pid_t start_other(unsigned char *at, int go[2])
{
	pid_t child;

	if (pipe(go))
		exit(1);
	fflush(stdout);
	child = fork();
	if (child)
		return child;
	read(go[0], go, 1);
	say("another process, the same page", at, 'c');
	_exit(0);
}

static void jit(void)
{
	/* The first lies higher: code in it allows what lies below, for as long as it is there. */
	unsigned char *code = map(PROT_READ | PROT_WRITE), *data = malloc(16);
	int go[2], status;
	pid_t other;

	emit(code, 11);
	emit(data, 12);
	other = start_other(code, go);
	say("code not yet made", code, 'c');
	mprotect(code, LEN, PROT_READ | PROT_EXEC);
	say("code made by mprotect", code, 'c');
	write(go[1], "", 1);
	waitpid(other, &status, 0);
	fflush(stdout);
	if (fork() == 0) {
		say("a child, made then", code, 'c');
		_exit(0);
	}
	wait(&status);
	mprotect(code, LEN, PROT_READ | PROT_WRITE);
	say("data again", code, 'c');
	mprotect(code, LEN, PROT_READ | PROT_EXEC);
	say("code again", code, 'c');
	munmap(code, LEN);
	say("unmapped", code, 'c');
	code = mmap(code - LEN, 2 * LEN, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	code[LEN - 1] = 0x90; /* nop */
	emit(code + LEN, 13);
	mprotect(code, LEN, PROT_READ | PROT_EXEC);
	say_result("what follows code", execute(code + LEN - 1, 'c'), code + LEN);
	munmap(code, 2 * LEN);
	say("the heap after that", data, 'c');
}

static unsigned char *volatile shared_code;
static volatile int step;
static char thread_stack[16384];

/* Makes code while another thread runs, and takes it away. */
static int __attribute__((noreturn)) make_and_unmake(void *arg)
{
	(void)arg;
	mprotect(shared_code, LEN, PROT_READ | PROT_EXEC);
	step = 1;
	while (step == 1)
		sched_yield();
	munmap(shared_code, LEN);
	step = 3;
	for (;;)
		pause();
}

static unsigned char *map_code(unsigned char value)
{
	unsigned char *code = map(PROT_READ | PROT_WRITE);

	emit(code, value);
	mprotect(code, LEN, PROT_READ | PROT_EXEC);
	return code;
}

/* What is allowed follows code that is moved, replaced, shared, left out of a child. */
static void moves(void)
{
	unsigned char *data = malloc(16), *code = map_code(21), *room = map(PROT_NONE);
	int id, status;

	emit(data, 12);
	mremap(code, LEN, LEN, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	say("moved code", room, 'c');
	mmap(room, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	emit(room, 22);
	say("data in the place of code", room, 'c');
	say("the heap after moved code", data, 'c');
	munmap(room, LEN);

	code = map_code(23);
	madvise(code, LEN, MADV_DONTFORK);
	fflush(stdout);
	if (fork() == 0) {
		say("the heap of a child without the code", data, 'c');
		_exit(0);
	}
	wait(&status);
	say("the code that it did not get", code, 'c');
	mprotect(code, LEN, PROT_READ | PROT_WRITE);

	if (vfork() == 0) {
		mprotect(code, LEN, PROT_READ | PROT_EXEC);
		_exit(0);
	}
	say("code that a child of vfork made", code, 'c');
	if (vfork() == 0) {
		mprotect(code, LEN, PROT_READ | PROT_WRITE);
		_exit(0);
	}
	say("code that a child of vfork took away", code, 'c');

	shared_code = code;
	clone(make_and_unmake, thread_stack + sizeof(thread_stack),
	      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, NULL);
	while (!step)
		;
	say("code that another thread made", code, 'c');
	step = 2;
	while (step == 2)
		;
	say("the heap when another thread took it away", data, 'c');

	id = shmget(IPC_PRIVATE, LEN, 0700);
	code = shmat(id, NULL, SHM_EXEC);
	shmctl(id, IPC_RMID, NULL);
	emit(code, 24);
	say("shared code", code, 'c');
	shmdt(code);
	say("the heap after shared code", data, 'c');
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
	unsigned char on_stack[16];

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	try_all(malloc(16), "heap");
	try_all(on_stack, "stack");
	try_all(map(PROT_READ | PROT_WRITE), "mapped data");
	try_all(in_data, "data");
	try_all(in_bss, "bss");
	jit();
	moves();
	printf("data: end\n");
	return 0;
}
