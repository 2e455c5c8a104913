/* main() of every host test, and the panic that ends a test instead of the machine. */
#include "tests/host/check.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include <stdarg.h>
#include <time.h>

#undef vsnprintf

jmp_buf *panic_caught;
char panic_text[512];
unsigned test_seed;
unsigned warn_count;

static struct test *tests, **tests_end = &tests;
static jmp_buf failed;
static u64 random_state;

void test_add(struct test *test)
{
	*tests_end = test;
	tests_end = &test->next;
}

void test_fail(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	printf("# %s:%d: ", file, line);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	longjmp(failed, 1);
}

int pagoda_vsnprintf(char *buf, size_t size, const char *fmt, va_list args);

void panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	pagoda_vsnprintf(panic_text, sizeof(panic_text), fmt, args);
	va_end(args);
	if (panic_caught)
		longjmp(*panic_caught, 1);
	test_fail("panic", 0, "%s", panic_text);
}

void panic_add_report(void (*report)(void))
{
	(void)report;
}

void panic_set_hook(void (*stop)(void))
{
	(void)stop;
}

void warn(const char *file, int line, const char *what)
{
	warn_count++;
	printf("# WARNING: %s:%d: %s\n", file, line, what);
}

/* xorshift64*: Marsaglia, "Xorshift RNGs", 2003; Vigna, 2016. */
u32 test_rand(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * 0x2545f4914f6cdd1dull) >> 32;
}

u32 test_rand_below(u32 bound)
{
	return (u64)test_rand() * bound >> 32;
}

unsigned test_rounds(unsigned n)
{
	const char *rounds = getenv("ROUNDS");

	return rounds ? n * atoi(rounds) : n;
}

static void start_random(void)
{
	random_state = test_seed * 0x9e3779b97f4a7c15ull + 1;
	test_rand();
}

static bool run(struct test *test)
{
	unsigned warnings = warn_count;

	start_random();
	panic_caught = NULL;
	if (setjmp(failed))
		return false;
	test->run();
	if (warn_count != warnings)
		printf("# it made a WARN_ON fire\n");
	return warn_count == warnings;
}

/* An argument runs only the test of that name. */
int main(int argc, char **argv)
{
	const char *seed = getenv("SEED");
	int nr = 0, bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	test_seed = seed ? strtoul(seed, NULL, 0) : (unsigned)time(NULL);
	printf("# seed %u\n", test_seed);
	for (struct test *test = tests; test; test = test->next) {
		bool ok;

		if (argc > 1 && strcmp(argv[1], test->name))
			continue;
		ok = run(test);
		bad += !ok;
		printf("%sok %d - %s\n", ok ? "" : "not ", ++nr, test->name);
	}
	printf("1..%d\n", nr);
	return bad || !nr;
}
