/*
 * The end of the machine, and the checks that lead to it.
 *
 * ASSERT is for what a programmer got wrong and costs nothing in a release build; BUG_ON stops the
 * machine always. Neither is for hardware or for what a user program can do.
 */
#pragma once

#include "lib/compiler.h"

/* Prints "PANIC: " and the text, runs the reports in the order of their registration, then stops. */
void panic(const char *fmt, ...) __noreturn __printf(1, 2);

/* What a panic prints after its message (registers, backtrace). At most 8; may not sleep. */
void panic_add_report(void (*report)(void));

/* How the machine stops (panic=halt, reboot, poweroff). Should not return. */
void panic_set_hook(void (*stop)(void));

/* How many WARN_ON have fired: self-tests expect none. */
extern unsigned warn_count;
void warn(const char *file, int line, const char *what);

#define BUG_ON(cond)                                                        \
	do {                                                                \
		if (unlikely(cond))                                         \
			panic("%s:%d: BUG: %s", __FILE__, __LINE__, #cond); \
	} while (0)

#define ASSERT(cond)                                                           \
	do {                                                                   \
		if (DEBUG && unlikely(!(cond)))                                \
			panic("%s:%d: ASSERT: %s", __FILE__, __LINE__, #cond); \
	} while (0)

/* => the condition, after a line on the console where it holds. */
#define WARN_ON(cond)                                    \
	({                                               \
		bool warn_cond_ = !!(cond);              \
		if (unlikely(warn_cond_))                \
			warn(__FILE__, __LINE__, #cond); \
		unlikely(warn_cond_);                    \
	})
