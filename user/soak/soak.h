/*
 * The jobs of the mixed load, and what they share. A job is done by a process of its own: it ends with
 * status 0 if all was right. What is wrong it says itself, by FAIL_UNLESS.
 */
#pragma once

#include "user/lib/io.h"
#include "user/lib/random.h"
#include "user/lib/syscall.h"

#include <asm/signal.h>

#define RW (PROT_READ | PROT_WRITE)

enum {
	WENT_WRONG = 1,
	GAVE_UP = 2, /* there was no memory */
};

/* Counted by all processes, in a page that they share. */
enum counter {
	FORKS,
	EXECS,
	PIPE_BYTES,
	MAPPINGS,
	COPIES, /* pages copied on write */
	FILE_BYTES,
	SIGNALS,
	THREADS,
	SLEEPS,
	VICTIMS, /* of the lack of memory */
	NR_COUNTERS,
};
void count(enum counter which, uint32_t n);

/* Memory ran out since this job began: what was asked for may have been refused. */
bool was_short(void);
void __attribute__((noreturn)) went_wrong(const char *what, int line, long value);

#define FAIL_UNLESS(condition, value)                              \
	do {                                                       \
		if (!(condition))                                  \
			went_wrong(#condition, __LINE__, (value)); \
	} while (0)

/* The result of a call that fails only for lack of memory; the job is given up then. */
#define NEED(call)                                                  \
	({                                                          \
		long ret_ = (long)(call);                           \
		if (is_error(ret_)) {                               \
			if (was_short())                            \
				syscall1(__NR_exit_group, GAVE_UP); \
			went_wrong(#call, __LINE__, ret_);          \
		}                                                   \
		ret_;                                               \
	})

/* A child that runs `work`, which does not return. */
int start_child(void (*work)(uint32_t argument), uint32_t argument);
/* Ends with this status if a child did not end well: its own trouble has been said. */
void wait_for_child(int pid, int expected_status);
void *need_memory(uint32_t pages, int flags);

/* Bytes that a number makes, and whether they still are what it made. */
void make_bytes(void *to, uint32_t len, uint32_t number);
bool are_bytes(const void *at, uint32_t len, uint32_t number);

/* --- the jobs --- */

void job_forks(void);
void job_vforks(void);
void job_mappings(void);
void job_shared(void);
void job_segment(void);
void job_eater(void);
void job_pipes(void);
void job_files(void);
void job_mapped_file(void);
void job_terminal(void);
void job_signals(void);
void job_stops(void);
void job_timers(void);
void job_threads(void);
/* exec'd by job_vforks: soak child N ends with N */
