/*
 * Random changes to 64 pages of address space, and after each the state of every page: can it be
 * read, can it be written, what is in it. The calls are the same on both systems, so what they did
 * must be the same; a line holds a sum over ten calls and what they returned.
 *
 *	random-memory [SEED CALLS]	prints a line for each call
 *
 * Everything is mapped at fixed places. mremap is asked for single pages only: how far a mapping
 * reaches depends on what a kernel was able to merge, and on its version.
 */
#include "tests/abi/lib/abi.h"

#define ARENA       ((char *)0x30000000)
#define PAGES       64u
#define RW          (PROT_READ | PROT_WRITE)
#define SHARED_FILE "tests/data/shared"

static uint32_t state;
static int text_file, shared_file, pipe_fds[2];

static uint32_t below(uint32_t limit)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % limit;
}

static char *random_page(void)
{
	return ARENA + below(PAGES) * PAGE_SIZE;
}

/* A length from `at` that stays within the arena; mostly short. */
static size_t random_len(const char *at)
{
	uint32_t left = PAGES - (at - ARENA) / PAGE_SIZE;
	uint32_t pages = 1 + below(below(4) ? 6 : PAGES);

	return (pages < left ? pages : left) * PAGE_SIZE;
}

static int random_prot(void)
{
	static const int prots[] = {PROT_NONE, PROT_READ, RW, RW, RW};

	return prots[below(ARRAY_SIZE(prots))];
}

static uint32_t mix(uint32_t hash, uint32_t value)
{
	return (hash ^ value) * 16777619u;
}

/* The kernel reads a byte for us, and writes one: neither ends us where it is not allowed. */
static uint32_t probe(uint32_t hash, char *page, uint32_t salt)
{
	unsigned char byte = 0;
	long n = sys_write(pipe_fds[1], page, 1);

	hash = mix(hash, n);
	if (n == 1) {
		sys_read(pipe_fds[0], &byte, 1);
		hash = mix(hash, byte);
	}
	n = sys_write(pipe_fds[1], page + PAGE_SIZE - 1, 1);
	if (n == 1) {
		sys_read(pipe_fds[0], &byte, 1);
		hash = mix(hash, byte);
	}
	/* every page is written at times, so that pages are shared, copied and fresh in all mixtures */
	if (((uintptr_t)page / PAGE_SIZE + salt) % 7)
		return hash;
	byte = salt + (uintptr_t)page / PAGE_SIZE;
	sys_write(pipe_fds[1], &byte, 1);
	n = sys_read(pipe_fds[0], page + PAGE_SIZE - 1, 1);
	if (n != 1)
		sys_read(pipe_fds[0], &byte, 1);
	return mix(hash, n);
}

static uint32_t probe_all(uint32_t salt)
{
	uint32_t hash = 2166136261u;

	for (uint32_t i = 0; i < PAGES; i++)
		hash = probe(hash, ARENA + i * PAGE_SIZE, salt);
	return hash;
}

static long map(int flags, int fd, long page)
{
	char *at = random_page();

	return (long)sys_mmap(at, random_len(at), random_prot(), flags | MAP_FIXED, fd, page);
}

static long remap(void)
{
	char *at = random_page(), *to = random_page();
	size_t len = PAGE_SIZE * (1 + below(3));

	switch (below(3)) {
	case 0: /* where it is, if there is room; the arena's end is nobody's */
		if (at + len > ARENA + PAGES * PAGE_SIZE)
			len = PAGE_SIZE;
		return (long)sys_mremap(at, PAGE_SIZE, len, 0, NULL);
	case 1:
		if (to + len > ARENA + PAGES * PAGE_SIZE)
			len = PAGE_SIZE;
		return (long)sys_mremap(at, PAGE_SIZE, len, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	default:
		return (long)sys_mremap(at, PAGE_SIZE, PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
					to);
	}
}

/* A child sees what we have, changes it and goes on to a child of its own; none of it shows here. */
static long fork_and_probe(uint32_t salt, int depth)
{
	int status = 0, pid = sys_fork();

	if (pid == 0) {
		uint32_t hash = probe_all(salt + 1);

		sys_munmap(ARENA + 8 * PAGE_SIZE, 4 * PAGE_SIZE);
		sys_mprotect(ARENA + 20 * PAGE_SIZE, 8 * PAGE_SIZE, PROT_READ);
		sys_mprotect(ARENA + 20 * PAGE_SIZE, 8 * PAGE_SIZE, RW);
		if (depth)
			hash = mix(hash, fork_and_probe(salt + 2, depth - 1));
		hash = mix(hash, probe_all(salt + 3));
		sys_exit(hash & 0xff);
	}
	sys_wait4(pid, &status, 0, NULL);
	return status;
}

static long change(uint32_t salt, const char **what)
{
	char *at = random_page();
	size_t len = random_len(at);
	long ret;

	switch (below(16)) {
	case 0:
	case 1:
	case 2:
		*what = "mmap anonymous";
		return map(MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	case 3:
		*what = "mmap anonymous shared";
		return map(MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	case 4:
		*what = "mmap file private";
		return map(MAP_PRIVATE, text_file, below(3));
	case 5:
		*what = "mmap file shared";
		return map(MAP_SHARED, shared_file, below(2));
	case 6:
	case 7:
		*what = "munmap";
		return sys_munmap(at, len);
	case 8:
	case 9:
	case 10:
		*what = "mprotect";
		return sys_mprotect(at, len, random_prot());
	case 11:
	case 12: /* which error comes first depends on the version */
		*what = "mremap";
		ret = remap();
		return is_error(ret) ? -1 : ret;
	case 13:
		*what = "madvise";
		return sys_madvise(at, len, MADV_DONTNEED);
	case 14:
		*what = "fork";
		return below(3) ? 0 : fork_and_probe(salt, below(3));
	default:
		*what = "read";
		sys_lseek(text_file, below(9000), 0);
		return sys_read(text_file, at + below(PAGE_SIZE), below(3 * PAGE_SIZE));
	}
}

static void run(uint32_t seed, uint32_t calls, bool each)
{
	uint32_t hash = 0;

	sys_munmap(ARENA, PAGES * PAGE_SIZE);
	state = seed;
	for (uint32_t i = 1; i <= calls; i++) {
		const char *what;
		long ret = change(i, &what);
		uint32_t sum = probe_all(i);

		hash = mix(mix(hash, ret), sum);
		if (each)
			line("%u: %s: 0x%lx, state %08x", i, what, ret, sum);
		else if (i % 10 == 0)
			line("seed %u, %u calls: %08x", seed, i, hash);
	}
}

int main(int argc, char *argv[])
{
	static const uint32_t seeds[] = {1, 22, 333, 4444, 55555, 666666};

	text_file = sys_open(DATA_FILE, O_RDONLY, 0);
	shared_file = sys_open(SHARED_FILE, O_RDWR, 0);
	sys_pipe(pipe_fds);
	if (argc > 2) {
		run(parse_number(argv[1], NULL), parse_number(argv[2], NULL), true);
		return 0;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(seeds); i++)
		run(seeds[i], 200, false);
	return 0;
}
