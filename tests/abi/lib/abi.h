#pragma once

/*
 * What the ABI tests share. A test prints lines; the same binary prints the same lines on Linux,
 * and the runner compares.
 *
 * Every line starts with "| ", so that a message of the kernel between them does not matter.
 * Nothing printed may depend on where memory lies, on process numbers or on time. Small helpers
 * keep the tests to one line a fact.
 */
#include "user/lib/io.h"
#include "user/lib/syscall.h"

/* A line of the result. */
#define line(format, ...) printf("| " format "\n", ##__VA_ARGS__)

/* "ENOENT" for 2 (overwritten by the next call). */
const char *errno_name(int error);

/* Prints a result: an error by name, anything else as a number. */
void say(const char *what, long ret);
/*
 * Prints a result: an error by name, anything else as "ok" (an address, a descriptor). Returns ret.
 */
long say_ok(const char *what, long ret);
/*
 * A call by its name, whatever its arguments: CALL(dup2, 3, 4). SAY prints it, as it is written here,
 * and its result; SAY_OK as say_ok.
 */
#define CALL(name, ...) CALL_6(__NR_##name, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
#define CALL_6(nr, a, b, c, d, e, f, ...) \
	syscall6(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define SAY(name, ...)    say(#name "(" #__VA_ARGS__ ")", CALL(name, ##__VA_ARGS__))
#define SAY_OK(name, ...) say_ok(#name "(" #__VA_ARGS__ ")", CALL(name, ##__VA_ARGS__))
#define BAD_POINTER       0xfffff000ul /* in neither system's reach */
void say_text(const char *what, const char *text);
/* What mincore says of up to 16 pages: a digit each. */
void say_core(const char *what, const char *at, int pages);
void say_status(const char *what, int status);

/*
 * Runs `action` in a child and returns its wait status; the child exits with what `action` returns.
 */
int in_child(int (*action)(void *), void *arg);

/* How a child that reads, or writes, one byte at `at` ends: prints "ok" or the signal. */
void say_read(const char *what, const volatile void *at);
void say_write(const char *what, volatile void *at);

/*
 * The first byte at `at`, or a negative errno, without dying of it: a write to a pipe reads it for
 * us.
 */
int peek(const volatile void *at);

/* Anonymous private memory; ends the test if there is none. */
char *need_pages(size_t pages, int prot);

/*
 * What stands at the same place in both systems; relative, since the tests run at the root of the
 * image.
 */
#define DATA_FILE  "tests/data/text" /* 10000 bytes, line n is "line n ..." */
#define EMPTY_FILE "tests/data/empty"
