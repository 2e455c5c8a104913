/*
 * lib/printk.c. A signal handler stands in for an interrupt: it, too, comes between any two instructions
 * and ends before what it interrupted goes on.
 */
#include "tests/host/check.h"
#include "lib/printf.h"
#include "lib/printk.h"
#include <signal.h>
#include <sys/time.h>

struct record {
	struct console_sink sink;
	char text[1 << 22];
	size_t len;
	bool busy;
	void (*inside)(void);
};

static void record_write(struct console_sink *sink, const char *text, size_t len)
{
	struct record *r = container_of(sink, struct record, sink);

	if (r->busy || len > sizeof(r->text) - r->len - 1)
		abort(); /* entered twice, or the test is too long */
	r->busy = true;
	if (r->inside)
		r->inside();
	memcpy(r->text + r->len, text, len);
	r->len += len;
	r->text[r->len] = '\0';
	r->busy = false;
}

static struct record a = {.sink = {.name = "a", .write = record_write}};
static struct record b = {.sink = {.name = "b", .write = record_write}};

static void reset(struct record *r)
{
	r->len = 0;
	r->text[0] = '\0';
	r->busy = false;
	r->inside = NULL;
}

/* Each test leaves no sink; text it left in the ring is read away through the returned position. */
static u32 ring_end(void)
{
	static char all[PRINTK_RING_SIZE];
	u32 pos = 0;

	while (printk_read(&pos, all, sizeof(all)))
		;
	return pos;
}

TEST(early_text_is_replayed)
{
	reset(&a);
	reset(&b);
	printk("early %d\n", 1);
	CHECK_EQ(a.len, 0);
	register_sink(&a.sink);
	CHECK(strstr(a.text, "early 1\n"));
	printk("later\n");
	CHECK(strstr(a.text, "early 1\nlater\n"));
	register_sink(&b.sink);
	CHECK_STR(b.text, a.text);
	printk("both\n");
	CHECK_STR(b.text, a.text);
	unregister_sink(&a.sink);
	printk("only b\n");
	CHECK(!strstr(a.text, "only b"));
	unregister_sink(&b.sink);
	printk("neither\n");
	reset(&a);
	register_sink(&a.sink);
	CHECK(strstr(a.text, "only b\nneither\n"));
	unregister_sink(&a.sink);
}

TEST(ring_keeps_the_newest)
{
	static char got[PRINTK_RING_SIZE + 1], want[2 * PRINTK_RING_SIZE + 64];
	u32 pos = ring_end(), start = pos;
	size_t len = 0;

	for (int i = 0; len < sizeof(want) - 64; i++) {
		char line[64];
		int n = sprintf(line, "line %d of a text that wraps\n", i);

		memcpy(want + len, line, n);
		len += n;
		printk("%s", line);
	}
	CHECK_EQ(printk_read(&pos, got, sizeof(got) - 1), PRINTK_RING_SIZE);
	CHECK_EQ(pos, start + len);
	CHECK(!memcmp(got, want + len - PRINTK_RING_SIZE, PRINTK_RING_SIZE));
	CHECK_EQ(printk_read(&pos, got, sizeof(got) - 1), 0);
	reset(&a);
	register_sink(&a.sink);
	CHECK_EQ(a.len, PRINTK_RING_SIZE);
	CHECK(!memcmp(a.text, got, PRINTK_RING_SIZE));
	unregister_sink(&a.sink);
}

TEST(reading_in_pieces_is_reading_at_once)
{
	char whole[600], pieces[600];
	u32 pos = ring_end(), again = pos;
	size_t len, sum = 0, n;

	for (int i = 0; i < 20; i++)
		printk("piece %d\n", i);
	len = printk_read(&pos, whole, sizeof(whole));
	while ((n = printk_read(&again, pieces + sum, 1 + test_rand_below(9))))
		sum += n;
	CHECK_EQ(sum, len);
	CHECK(!memcmp(whole, pieces, len));
}

TEST(long_text_is_cut_with_its_newline_kept)
{
	static char text[2000];

	reset(&a);
	register_sink(&a.sink);
	reset(&a);
	memset(text, 'x', sizeof(text) - 1);
	printk("%s\n", text);
	CHECK_EQ(a.len, 511);
	CHECK_EQ(a.text[510], '\n');
	reset(&a);
	printk_write(text, sizeof(text) - 1);
	CHECK_STR(a.text, text);
	unregister_sink(&a.sink);
}

static void print_inside(void)
{
	static int nr;

	if (nr++ % 3 == 0)
		printk("from a sink %d\n", nr);
}

TEST(a_sink_may_printk)
{
	reset(&a);
	reset(&b);
	register_sink(&a.sink);
	register_sink(&b.sink);
	reset(&a);
	reset(&b);
	a.inside = print_inside;
	printk("one\n");
	printk("two\n");
	CHECK_STR(a.text, b.text);
	CHECK_STR(a.text, "one\nfrom a sink 1\ntwo\n");
	unregister_sink(&a.sink);
	unregister_sink(&b.sink);
}

TEST(messages_wait_while_they_are_held_back)
{
	reset(&a);
	register_sink(&a.sink);
	reset(&a);
	CHECK(printk_hold());
	printk("late\n");
	CHECK_STR(a.text, "");
	/* Who holds already, or is a sink, is told so. */
	CHECK(!printk_hold());
	printk_release();
	CHECK_STR(a.text, "late\n");
	unregister_sink(&a.sink);
}

static jmp_buf out;
static void fault(void)
{
	a.inside = NULL;
	longjmp(out, 1);
}

/* A sink that faults: the panic it causes must still be heard. */
TEST(recovery_from_a_fault_in_a_sink)
{
	for (int drop = 0; drop < 2; drop++) {
		reset(&a);
		reset(&b);
		register_sink(&a.sink);
		register_sink(&b.sink);
		reset(&a);
		reset(&b);
		a.inside = fault;
		if (!setjmp(out)) {
			printk("never seen by b\n");
			FAIL("no fault");
		}
		a.busy = false;
		printk_recover(drop);
		printk("PANIC\n");
		CHECK(strstr(b.text, "PANIC\n"));
		CHECK_EQ(!!strstr(a.text, "PANIC\n"), !drop);
		if (!drop)
			unregister_sink(&a.sink);
		unregister_sink(&b.sink);
	}
}

static volatile unsigned interrupts;

static void interrupt(int signal)
{
	(void)signal;
	printk("interrupt %u\n", interrupts++);
}

static void interrupted_rounds(unsigned nr)
{
	struct itimerval timer = {{0, 100}, {0, 100}}, off = {};
	struct sigaction action = {.sa_handler = interrupt};
	unsigned next_main = 0, next_interrupt = 0;
	char *line;

	reset(&a);
	register_sink(&a.sink);
	reset(&a);
	interrupts = 0;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	for (unsigned i = 0; i < nr; i++)
		printk("main line number %u\n", i);
	setitimer(ITIMER_REAL, &off, NULL);
	signal(SIGALRM, SIG_IGN);
	unregister_sink(&a.sink);
	for (line = strtok(a.text, "\n"); line; line = strtok(NULL, "\n")) {
		char want[40];

		if (line[0] == 'm')
			sprintf(want, "main line number %u", next_main++);
		else
			sprintf(want, "interrupt %u", next_interrupt++);
		CHECK_STR(line, want);
	}
	CHECK_EQ(next_main, nr);
	CHECK_EQ(next_interrupt, interrupts);
	CHECK(interrupts > 5);
}

TEST(interrupts_never_split_or_lose_a_line)
{
	for (unsigned round = test_rounds(5); round; round--)
		interrupted_rounds(40000);
}
