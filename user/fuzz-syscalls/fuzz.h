/*
 * The parts of fuzz-syscalls: arguments (random.c), the calls that are known and what each takes
 * (table.c), calls that need more than arguments (special.c), a worker's surroundings (worker.c), and
 * the process that watches over them (fuzz-syscalls.c).
 */
#pragma once

#include "user/lib/io.h"
#include "user/lib/random.h"
#include "user/lib/syscall.h"

#define MAX_WORKERS    16u
#define CALLS_EACH     5000u
#define ARENA          ((char *)0x20000000) /* where a worker's pointers mostly point */
#define ARENA_PAGES    32u
#define ARENA_LEN      (ARENA_PAGES * PAGE_SIZE)
#define STACKS         ((char *)0x30000000) /* of threads */
#define STACK_SIZE     (4 * PAGE_SIZE)
#define MAX_THREADS    4u
#define NR_OWN_FDS     16u /* descriptors that a worker keeps open */
#define ALIGN_PAGES(n) (((n) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1))
#define RW             (PROT_READ | PROT_WRITE)
#define HIGHEST_CALL   460u

/* What may be called, as bits of the last argument. */
enum {
	MEMORY = 1,
	FILES = 2,
	PROCESSES = 4,
	REST = 8,
	ANY = 16,
	SIGNALS = 32,
	EVERYTHING = 63,
};

/*
 * A page that all processes of a run share. Any of them may have scribbled over it, so that nothing in
 * it is believed.
 */
struct shared {
	struct {
		/* calls done, and once more complemented */
		volatile uint32_t done, not_done;
	} tally[MAX_WORKERS];
	volatile uint32_t pids[MAX_WORKERS];
	volatile uint8_t tried[HIGHEST_CALL], succeeded[HIGHEST_CALL];
};

extern struct shared *shared;
extern uint32_t starter; /* the pid of the process that watches */

/* --- random.c --- */

uint32_t random_pointer(void);
uint32_t random_any(void);
/* A page of the arena, or right behind it. */
uint32_t random_place(void);
/* A value for an argument of this kind (table.c has the letters). */
uint32_t random_argument(char kind);
/* An answer that may be an argument later. */
void remember_answer(uint32_t nr, long answer);

/* --- table.c --- */

struct known_call {
	uint16_t nr;
	uint8_t group;
	uint8_t rarely;    /* one in so many that are chosen is done */
	const char *takes; /* a letter an argument */
};
extern const struct known_call known_calls[];
extern const uint32_t nr_known_calls;
/* A call by the table; returns what it answered. */
long call_known(const struct known_call *call);

/* --- special.c --- */

/* A call that the table cannot describe, of a group in mask. */
void call_special(uint32_t mask);
/* Changes its own frame now and then. */
void fuzz_handler(int signo, void *info, void *context);
void fuzz_restorer(void);

/* --- worker.c --- */

void make_arena(void);
/* One call of a group in mask. */
void call_something(uint32_t mask);
void __attribute__((noreturn))
work(uint32_t index, uint32_t seed, uint32_t calls, uint32_t mask, const char *root);
