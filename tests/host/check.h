/*
 * A test program for the host: a handful of TEST()s, each of which runs alone and ends at its first
 * failure. main() is in check.c.
 */
#pragma once

#include "lib/compiler.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct test {
	const char *name;
	void (*run)(void);
	struct test *next;
};

void test_add(struct test *test);
void test_fail(const char *file, int line, const char *fmt, ...) __noreturn __printf(3, 4);

#define TEST(fn)                                                    \
	static void fn(void);                                       \
	__attribute__((constructor)) static void fn##_add(void)     \
	{                                                           \
		static struct test test = {.name = #fn, .run = fn}; \
		test_add(&test);                                    \
	}                                                           \
	static void fn(void)

#define FAIL(...) test_fail(__FILE__, __LINE__, __VA_ARGS__)

#define CHECK(cond)                        \
	do {                               \
		if (!(cond))               \
			FAIL("%s", #cond); \
	} while (0)

/* Any two numbers or pointers, shown in decimal and hexadecimal. */
#define CHECK_EQ(a, b)                                                                             \
	do {                                                                                       \
		long long check_a_ = (long long)(a), check_b_ = (long long)(b);                    \
		if (check_a_ != check_b_)                                                          \
			FAIL("%s is %lld (0x%llx), not %s, %lld (0x%llx)", #a, check_a_, check_a_, \
			     #b, check_b_, check_b_);                                              \
	} while (0)

#define CHECK_STR(a, b)                                                           \
	do {                                                                      \
		const char *check_a_ = (a), *check_b_ = (b);                      \
		if (!check_a_ || !check_b_ || strcmp(check_a_, check_b_))         \
			FAIL("%s is \"%s\", not \"%s\"", #a, check_a_, check_b_); \
	} while (0)

/* For the `const char *x_check(…)` functions: NULL is good, text says what is wrong. */
#define CHECK_OK(expr)                                     \
	do {                                               \
		const char *check_bad_ = (expr);           \
		if (check_bad_)                            \
			FAIL("%s: %s", #expr, check_bad_); \
	} while (0)

/*
 * The statement must panic. It is left by longjmp, so what it changed may be half done: reset it before
 * it is used again.
 */
extern jmp_buf *panic_caught;
extern char panic_text[512];
#define CHECK_PANIC(statement)                                \
	do {                                                  \
		jmp_buf check_env_;                           \
		if (!setjmp(check_env_)) {                    \
			panic_caught = &check_env_;           \
			statement;                            \
			panic_caught = NULL;                  \
			FAIL("%s did not panic", #statement); \
		}                                             \
		panic_caught = NULL;                          \
	} while (0)

/*
 * Random numbers. Each test starts from the program's seed, which is printed; SEED=n in the environment
 * sets it. test_rounds(n) is n, or n * ROUNDS.
 */
extern unsigned test_seed;
u32 test_rand(void);
u32 test_rand_below(u32 bound); /* bound > 0 */
unsigned test_rounds(unsigned n);
