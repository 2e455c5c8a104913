/*
 * lib/panic.c. cli and hlt are not for user programs: the signal they raise is taken for their effect, and hlt ends
 * the scenario. Each scenario is a process of its own, since nothing comes back from a panic.
 */
#define _GNU_SOURCE
#include "tests/host/check.h"
#include "tests/host/rename_panic.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include <signal.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define OPCODE_HLT 0xf4
#define OPCODE_CLI 0xfa

static char said[8192];
static bool interrupts_off;
static const char *expected;

static void sink_write(struct console_sink *sink, const char *text, size_t len)
{
	(void)sink;
	strncat(said, text, len);
}

static struct console_sink sink = {.name = "test", .write = sink_write};

static void privileged(int signal, siginfo_t *siginfo, void *context)
{
	greg_t *eip = &((ucontext_t *)context)->uc_mcontext.gregs[REG_EIP];
	u8 opcode = *(u8 *)*eip;

	(void)signal;
	(void)siginfo;
	if (opcode == OPCODE_CLI) {
		interrupts_off = true;
		++*eip;
	} else if (opcode == OPCODE_HLT) {
		bool ok = interrupts_off && !strcmp(said, expected);

		if (!ok)
			printf("# interrupts %s; said:\n%s# expected:\n%s",
			       interrupts_off ? "off" : "on", said, expected);
		fflush(stdout);
		_exit(!ok);
	} else {
		_exit(2);
	}
}

static void run(void (*scenario)(void), const char *text)
{
	struct sigaction action = {.sa_sigaction = privileged, .sa_flags = SA_SIGINFO | SA_NODEFER};
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (!child) {
		expected = text;
		alarm(10);
		sigaction(SIGSEGV, &action, NULL);
		register_sink(&sink);
		scenario();
		_exit(3);
	}
	CHECK(waitpid(child, &status, 0) == child);
	if (status)
		FAIL("the scenario ended with status %#x", status);
}

static void report_one(void)
{
	printk("one\n");
}

static void report_two(void)
{
	printk("two\n");
}

static void report_that_panics(void)
{
	printk("three\n");
	panic("inner");
}

static void stop(void)
{
	printk("stop\n");
}

static void stop_that_panics(void)
{
	printk("stop\n");
	panic("stop failed");
}

static void plain(void)
{
	panic("number %d", 7);
}

TEST(message_and_halt_without_any_hook)
{
	run(plain, "PANIC: number 7\n");
}

static void with_hooks(void)
{
	panic_add_report(report_one);
	panic_add_report(report_two);
	panic_set_hook(stop);
	panic("x");
}

TEST(reports_in_order_then_the_stop)
{
	run(with_hooks, "PANIC: x\none\ntwo\nstop\n");
}

static void report_panics(void)
{
	panic_add_report(report_one);
	panic_add_report(report_that_panics);
	panic_add_report(report_two);
	panic_set_hook(stop);
	panic("outer");
}

TEST(a_report_that_panics_is_not_run_again)
{
	run(report_panics, "PANIC: outer\none\nthree\nPANIC in panic: inner\ntwo\nstop\n");
}

static void stop_panics(void)
{
	panic_set_hook(stop_that_panics);
	panic("x");
}

/* Ten panics in all, and a halt. */
TEST(a_stop_that_panics_ends_at_last)
{
	run(stop_panics, "PANIC: x\nstop\n"
			 "PANIC in panic: stop failed\nstop\nPANIC in panic: stop failed\nstop\n"
			 "PANIC in panic: stop failed\nstop\nPANIC in panic: stop failed\nstop\n"
			 "PANIC in panic: stop failed\nstop\nPANIC in panic: stop failed\nstop\n"
			 "PANIC in panic: stop failed\nstop\nPANIC in panic: stop failed\nstop\n"
			 "PANIC in panic: stop failed\n");
}

static void sink_that_panics(struct console_sink *bad, const char *text, size_t len)
{
	(void)bad;
	(void)text;
	(void)len;
	panic("sink failed");
}

static void panic_in_sink(void)
{
	static struct console_sink bad = {.name = "bad", .write = sink_that_panics};

	said[0] = '\0';
	register_sink(&bad);
	printk("hello\n");
	_exit(4);
}

/* The second panic, in the bad sink again, takes it out; the good one hears both. */
TEST(a_sink_that_panics_is_dropped)
{
	run(panic_in_sink, "hello\nPANIC: PANIC in panic: sink failed\n");
}

enum { BUG_LINE = __LINE__ + 4 };

static void bug(void)
{
	BUG_ON(1 + 1 == 2);
}

enum { ASSERT_LINE = __LINE__ + 4 };

static void assertion(void)
{
	ASSERT(1 + 1 == 3);
}

static void warning(void)
{
	if (!WARN_ON(1 + 1 == 2) || WARN_ON(1 + 1 == 3) || warn_count != 1)
		_exit(5);
	said[0] = '\0';
	panic("x");
}

TEST(checks)
{
	char text[100];

	sprintf(text, "PANIC: %s:%d: BUG: 1 + 1 == 2\n", __FILE__, BUG_LINE);
	run(bug, text);
	sprintf(text, "PANIC: %s:%d: ASSERT: 1 + 1 == 3\n", __FILE__, ASSERT_LINE);
	run(assertion, text);
	run(warning, "PANIC: x\n");
}
