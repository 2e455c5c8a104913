/* Calls that an argument list does not describe: new processes and threads, exec, mount, ends, frames of signals. */
#include "user/fuzz-syscalls/fuzz.h"

#include <asm/sigcontext.h>
#include <asm/signal.h>
#include <linux/mount.h>
#include <linux/sched.h>

#define CHILD_CALLS  32u
#define THREAD_CALLS 500u
#define THREAD_FLAGS \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

static void note(uint32_t nr, long ret)
{
	shared->tried[nr] = 1;
	if (!is_error(ret))
		shared->succeeded[nr] = 1;
}

/* --- processes and threads --- */

/* A new process that ends at once, before it can use the stack that it may share with us. */
static void fork_and_end(long nr, long flags, long stack)
{
	long ret;

	asm volatile("int $0x80\n\t"
		     "test %%eax, %%eax\n\t"
		     "jnz 1f\n\t"
		     "movl %2, %%eax\n\t"
		     "xorl %%ebx, %%ebx\n\t"
		     "int $0x80\n"
		     "1:"
		     : "=a"(ret), "+b"(flags)
		     : "i"(__NR_exit), "a"(nr), "c"(stack), "d"(random_argument('w')),
		       "S"(random_argument('z')), "D"(random_argument('w'))
		     : "memory");
	note(nr, ret);
	if (ret > 0)
		sys_wait4(ret, NULL, one_in(4) ? WNOHANG : 0, NULL);
}

/* A process with memory of its own, or ours for as long as we wait, that makes some calls. */
static void fork_and_call(uint32_t mask)
{
	long flags = SIGCHLD | (one_in(3) ? CLONE_FILES : 0) | (one_in(3) ? CLONE_FS : 0);
	long ret = syscall5(__NR_clone, flags, 0, 0, 0, 0);

	note(__NR_clone, ret);
	if (ret)
		return;
	random_seed(random_word() ^ 0x5bd1e995);
	for (uint32_t i = 0; i < CHILD_CALLS; i++)
		call_something(mask);
	syscall1(one_in(2) ? __NR_exit : __NR_exit_group, random_word());
}

static void clone3_and_end(void)
{
	static struct clone_args args;

	args = (struct clone_args){
		.flags = random_argument('b') & ~(CLONE_PARENT | CLONE_THREAD | 0xff),
		.exit_signal = one_in(4) ? random_word() : SIGCHLD,
		.pidfd = random_argument('w'),
		.child_tid = random_argument('w'),
		.parent_tid = random_argument('w'),
		.tls = random_argument('z'),
	};
	fork_and_end(__NR_clone3, one_in(8) ? (long)random_argument('p') : (long)&args,
		     one_in(8) ? (long)random_argument('l') : (long)sizeof(args));
}

static uint32_t thread_mask;

/* What a thread does on its own stack. */
static void __attribute__((used, noreturn)) run_thread(void)
{
	for (uint32_t i = 0; i < THREAD_CALLS; i++)
		call_something(thread_mask);
	for (;;)
		syscall1(__NR_exit, 0);
}

static void start_thread(uint32_t mask)
{
	char *stack = STACKS + below(MAX_THREADS) * STACK_SIZE;
	long ret;

	if (sys_mmap(stack, STACK_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
		     0) != stack)
		return; /* another thread's */
	thread_mask = mask;
	asm volatile("int $0x80\n\t"
		     "test %%eax, %%eax\n\t"
		     "jz run_thread"
		     : "=a"(ret)
		     : "a"(__NR_clone), "b"(THREAD_FLAGS | (one_in(4) ? CLONE_CHILD_CLEARTID : 0)),
		       "c"(stack + STACK_SIZE - 16), "d"(0), "S"(0), "D"(random_argument('w'))
		     : "memory");
	note(__NR_clone, ret);
}

/* Ends the worker when it succeeds: mostly it must not. */
static void exec(void)
{
	uint32_t words[4];

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = random_pointer();
	note(__NR_execve, syscall3(__NR_execve,
				   one_in(40) ? (long)(one_in(2) ? "/bin/true" : "/bin/script")
					      : (long)random_argument('p'),
				   one_in(2) ? (long)words : (long)random_pointer(),
				   one_in(2) ? 0 : random_pointer()));
}

/* --- mounts, in our own tree --- */

static void mount_something(void)
{
	static const char *const types[] = {"tmpfs", "tmpfs", "proc", "ramfs", "devtmpfs", "none"};
	static const char *const options[] = {"",         "size=64k", "size=1m,nr_inodes=20",
					      "mode=700", "size=",    "nonsense"};
	static const uint32_t flags[] = {0,       MS_RDONLY, MS_REMOUNT, MS_REMOUNT | MS_RDONLY,
					 MS_MOVE, MS_BIND};

	note(__NR_mount,
	     syscall5(__NR_mount, random_argument('n'), random_argument('n'),
		      (long)types[below(ARRAY_SIZE(types))],
		      one_in(10) ? random_argument('b') : flags[below(ARRAY_SIZE(flags))],
		      one_in(10) ? random_pointer()
				 : (uint32_t)options[below(ARRAY_SIZE(options))]));
}

/* Nowhere else: whoever is outside of his root finds the way up from there. */
static void change_root(void)
{
	static const char *const to[] = {"/", "/no/such", "", (const char *)0xc0001000};

	note(__NR_chroot, syscall1(__NR_chroot, (long)to[below(ARRAY_SIZE(to))]));
}

/* --- frames --- */

/*
 * What the kernel put on the stack is changed before it is read back: the saved registers, with
 * segments and flags, the mask, the pointer to the state of the FPU and that state.
 */
void fuzz_handler(int signo, void *info, void *context)
{
	struct sigcontext *regs = context;
	uint32_t *words = (uint32_t *)&signo - 1;

	(void)info;
	switch (below(300)) {
	case 0:
		words[below(24)] = random_any();
		break;
	case 1:
		words[24 + below(200)] ^= random_word();
		break;
	case 2: /* without SA_SIGINFO there is none, and this ends in a fault */
		*((uint32_t *)regs + below(32)) = random_any();
	}
}

/* Either kind of return, to whatever lies on the stack. */
static void return_from_nowhere(void)
{
	uint32_t frame[64];

	for (uint32_t i = 0; i < ARRAY_SIZE(frame); i++)
		frame[i] = random_any();
	asm volatile("movl %1, %%esp\n\t"
		     "int $0x80"
		     :
		     : "a"(one_in(2) ? __NR_sigreturn : __NR_rt_sigreturn), "r"(frame)
		     : "memory");
}

/* With SA_SIGINFO the kernel's frame is read by rt_sigreturn, else by sigreturn: both are tried. */
asm(".globl fuzz_restorer\n"
    "fuzz_restorer:\n\t"
    "movl $173, %eax\n\t"
    "int $0x80\n\t"
    "movl $119, %eax\n\t"
    "int $0x80\n\t"
    "hlt\n");

/* --- which --- */

/* Touches what calls may have mapped there. */
static void touch_something(void)
{
	uint32_t page = random_place() & ~(PAGE_SIZE - 1);
	unsigned char present;

	if (syscall3(__NR_mincore, page, PAGE_SIZE, (long)&present) == 0)
		syscall3(__NR_getrandom, page, 64, 0); /* a write that ends in no signal */
}

static void call_process(uint32_t mask)
{
	switch (below(12)) {
	case 0:
		if (one_in(4))
			clone3_and_end();
		else
			fork_and_end(__NR_fork, 0, 0);
		break;
	case 1:
		fork_and_end(__NR_vfork, 0, 0);
		break;
	case 2:
		fork_and_end(__NR_clone, SIGCHLD | (random_argument('b') & ~CLONE_PARENT & ~0xff),
			     one_in(2) ? 0 : (long)random_pointer());
		break;
	case 3:
	case 4:
		fork_and_call(mask);
		break;
	case 5:
	case 6:
		start_thread(mask);
		break;
	case 7:
		fork_and_end(__NR_clone, THREAD_FLAGS | (one_in(2) ? CLONE_VFORK : 0),
			     one_in(4) ? random_pointer() : (uint32_t)ARENA + ARENA_LEN - 64);
		break;
	case 8:
		if (one_in(40))
			syscall1(one_in(2) ? __NR_exit : __NR_exit_group, random_word());
		break;
	default:
		exec();
	}
}

void call_special(uint32_t mask)
{
	if ((mask & PROCESSES) && one_in(2))
		call_process(mask);
	if ((mask & FILES) && one_in(2))
		mount_something();
	if ((mask & FILES) && one_in(30))
		change_root();
	if ((mask & MEMORY) && one_in(2))
		touch_something();
	if ((mask & SIGNALS) && one_in(300))
		return_from_nowhere();
}
