/* What a program must not do, and what becomes of it. The kernel says a line on each. */
#include "user/tour/tour.h"

#include <asm/siginfo.h>
#include <asm/signal.h>

#define RET 0xc3 /* the machine instruction: return to the caller */

static void touch_wild_pointer(void)
{
	int *volatile wild = (int *)0x10; /* volatile: the compiler must not see where it points */

	*wild = 1;
}

static void write_to_text(void)
{
	*(volatile char *)tour_segv = 1;
}

static void jump_to(volatile char *at)
{
	((void (*)(void))(uintptr_t)at)();
}

static void jump_to_fresh_heap(void)
{
	jump_to(map_pages(PAGE_SIZE));
}

static void jump_to_written_heap(void)
{
	volatile char *p = map_pages(PAGE_SIZE);

	*p = (char)RET;
	jump_to(p);
}

static void jump_to_stack(void)
{
	volatile char code[16];

	code[0] = (char)RET;
	jump_to(code);
}

/* Does it in a child. Returns the child's status. */
static int attempt(const char *what, void (*action)(void))
{
	int pid = sys_fork(), status = 0;

	if (pid == 0) {
		action();
		sys_exit(0);
	}
	if (pid < 0 || sys_wait4(pid, &status, 0, NULL) != pid) {
		printf("    %-42s could not be tried\n", what);
		return 0;
	}
	printf("    %-42s %s\n", what, status_text(status));
	return status;
}

/* ---- what the signal says: si_code and si_addr ---- */

/* As the kernel has it, with a mask of 64 bits; C libraries have another. */
struct kernel_sigaction {
	void (*handler)(int signal, siginfo_t *info, void *context);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask[2];
};

static uintptr_t expected;

static void tell_code(int signal, siginfo_t *info, void *context)
{
	(void)context;
	sys_exit((uintptr_t)info->si_addr == expected ? signal << 3 | info->si_code : 1);
}

/* Reads or writes there in a child. Returns SIGNAL << 3 | si_code, 0 if nothing happened. */
static int code_of(uintptr_t address, bool write)
{
	struct kernel_sigaction action = {.handler = tell_code, .flags = SA_SIGINFO};
	int pid = sys_fork(), status = 0;

	if (pid == 0) {
		expected = address;
		syscall4(__NR_rt_sigaction, SIGSEGV, (long)&action, 0, sizeof(action.mask));
		syscall4(__NR_rt_sigaction, SIGBUS, (long)&action, 0, sizeof(action.mask));
		if (write)
			*(volatile char *)address = 1;
		else
			(void)*(volatile char *)address;
		sys_exit(0);
	}
	if (pid < 0 || sys_wait4(pid, &status, 0, NULL) != pid)
		return 0;
	return status >> 8;
}

static void show_code(const char *what, uintptr_t address, bool write, int want)
{
	int code = code_of(address, write);

	claim(code == want, "%-34s 0x%08lx  %s, %s", what, (unsigned long)address,
	      signal_name(want >> 3),
	      want >> 3 == SIGBUS         ? "BUS_ADRERR"
	      : (want & 7) == SEGV_ACCERR ? "SEGV_ACCERR"
					  : "SEGV_MAPERR");
}

#define MAPERR (SIGSEGV << 3 | SEGV_MAPERR)
#define ACCERR (SIGSEGV << 3 | SEGV_ACCERR)
#define ADRERR (SIGBUS << 3 | BUS_ADRERR)

static void show_codes(void)
{
	char *none = map_pages(PAGE_SIZE), *gone = map_pages(PAGE_SIZE), *file;
	int fd = sys_open("/proc/self/exe", O_RDONLY, 0);
	size_t past = 16 * MIB; /* behind the end of this program's file */

	sys_mprotect(none, PAGE_SIZE, PROT_NONE);
	sys_munmap(gone, PAGE_SIZE);
	printf("  A handler is told why: no area there (MAPERR), or no right to it (ACCERR).\n");
	show_code("write through a null pointer:", 0x10, true, MAPERR);
	show_code("read what was unmapped:", (uintptr_t)gone, false, MAPERR);
	show_code("read the kernel's memory:", 0xc0100000, false, MAPERR);
	show_code("write to the program's text:", (uintptr_t)tour_segv, true, ACCERR);
	show_code("read a page of PROT_NONE:", (uintptr_t)none, false, ACCERR);
	sys_munmap(none, PAGE_SIZE);
	if (fd < 0)
		return;
	file = sys_mmap(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, past / PAGE_SIZE);
	if (!is_error_ptr(file)) {
		show_code("read behind the end of a file:", (uintptr_t)file, false, ADRERR);
		sys_munmap(file, PAGE_SIZE);
	}
	sys_close(fd);
}

void tour_segv(void)
{
	int wild, text, fresh, heap, stack;

	show_codes();
	printf("  Without a handler it is the program's end:\n");
	wild = attempt("write through a wild pointer, 0x10:", touch_wild_pointer);
	claim(wild == SIGSEGV, "a wild pointer ends the program, and only that");
	text = attempt("write to the program's own text:", write_to_text);
	claim(text == SIGSEGV, "text cannot be written");
	fresh = attempt("jump to a data page never touched:", jump_to_fresh_heap);
	claim(fresh == SIGSEGV, "a data page cannot be jumped to");
	heap = attempt("jump to an instruction in written data:", jump_to_written_heap);
	stack = attempt("jump to an instruction on the stack:", jump_to_stack);
	if (heap == SIGSEGV && stack == SIGSEGV)
		claim(YES, "nor code written into data or the stack: limit enforced");
	else if (heap == 0 && stack == 0)
		printf("  This machine does not check the code segment's limit (QEMU's TCG does "
		       "not), so\n"
		       "  written data ran. Where it is checked, these two end in SIGSEGV as "
		       "well.\n");
	else
		claim(NO, "data and stack should be treated alike");
}
