/* Random arguments that mean something. */
#include "user/fuzz-syscalls/fuzz.h"

#include <asm/ioctls.h>
#include <asm/ldt.h>
#include <asm/poll.h>
#include <asm/signal.h>
#include <linux/futex.h>
#include <linux/memfd.h>
#include <linux/time.h>

/* --- numbers --- */

uint32_t random_pointer(void)
{
	switch (below(12)) {
	case 0:
		return below(0x10000);
	case 1: /* the kernel's half, and what is special in it */
		switch (below(5)) {
		case 0:
			return 0xc0000000 + below(0x100000);
		case 1:
			return 0xffc00000 + below(0x400000);
		case 2:
			return 0xff000000 + below(0x800000);
		case 3:
			return -below(64);
		default:
			return 0xc0000000 + below(0x40000000);
		}
	case 2: /* around the border */
		return 0xc0000000 - 32 + below(64);
	case 3: /* nothing is mapped behind the arena */
		return (uint32_t)ARENA + ARENA_LEN + below(PAGE_SIZE);
	case 4: /* half there */
		return (uint32_t)ARENA + ARENA_LEN - below(64);
	case 5: /* a part of the arena is read-only, a part without access */
		return (uint32_t)ARENA + below(4) * PAGE_SIZE + PAGE_SIZE - below(32);
	case 6:
		return random_word();
	case 7:
		return (uint32_t)random_pointer + below(PAGE_SIZE);
	default:
		return (uint32_t)ARENA + below(ARENA_LEN);
	}
}

static uint32_t random_len(void)
{
	static const uint32_t special[] = {
		0,          1,          4095,       4096,       4097,       0x10000,   0x400000,
		0x7fffffff, 0x80000000, 0xfffff000, 0xffffffff, 0x3fffffff, 0xc0000000};

	if (one_in(8))
		return special[below(ARRAY_SIZE(special))];
	return one_in(3) ? below(16 * PAGE_SIZE) : below(8) * PAGE_SIZE;
}

uint32_t random_place(void)
{
	if (one_in(60))
		return random_word();
	if (one_in(60))
		return random_pointer();
	return (uint32_t)ARENA + below(4 * ARENA_PAGES) * PAGE_SIZE +
	       (one_in(20) ? below(PAGE_SIZE) : 0);
}

static uint32_t random_fd(void)
{
	return one_in(40) ? random_word() : below(one_in(4) ? 40 : NR_OWN_FDS);
}

static uint32_t random_bits(void)
{
	return one_in(4) ? random_word() : random_word() & random_word() & random_word();
}

uint32_t random_any(void)
{
	switch (below(4)) {
	case 0:
		return random_pointer();
	case 1:
		return random_len();
	case 2:
		return random_fd();
	default:
		return random_bits();
	}
}

/*
 * This process, another worker, none. Never process 1, the one that watches, or a number that means
 * several: all others came after the one that watches.
 */
static uint32_t random_pid(void)
{
	uint32_t pid = one_in(3)   ? shared->pids[below(MAX_WORKERS)]
		       : one_in(2) ? starter + below(64)
				   : 0;

	return pid > starter && pid < 0x8000 ? pid : (uint32_t)sys_getpid();
}

static uint32_t random_signal(void)
{
	static const uint8_t signals[] = {SIGUSR1, SIGUSR2, SIGALRM, SIGSEGV, SIGCHLD,
					  SIGTSTP, SIGSTOP, SIGCONT, SIGCONT, SIGPIPE,
					  SIGILL,  SIGBUS,  34,      64,      0};

	return one_in(6) ? below(70) : signals[below(ARRAY_SIZE(signals))];
}

/* One of some numbers, or now and then any bits. */
static uint32_t one_of(const uint32_t *values, uint32_t nr)
{
	return one_in(20) ? random_bits() : values[below(nr)];
}
#define ONE_OF(...)                                              \
	({                                                       \
		static const uint32_t values_[] = {__VA_ARGS__}; \
		one_of(values_, ARRAY_SIZE(values_));            \
	})

/* --- names --- */

/* In the worker's own tree, where everything may be changed. */
static const char *const names[] = {
	"a",    "b",      "c",          "/d",    "d/e",  "a/b",  "./a",    "/a/../b",
	"link", "link/a", "loop",       "d/e/f", ".",    "..",   "d/",     "tmp",
	"/",    "tmp/a",  "tmp/b/../a", "fifo",  "file", "file", "file/x",
};

static const char *const paths[] = {
	"/",
	"/bin",
	"/bin/true",
	"/bin/script",
	"/dev/null",
	"/dev/zero",
	"/no/such",
	"bin/../bin/true",
	"/bin/true/x",
	"",
	"file",
	"link",
	"tmp",
	"/proc",
	"/proc/self",
	"/proc/meminfo",
	"/proc/slabinfo",
	"/proc/buddyinfo",
	"/proc/zoneinfo",
	"/proc/vmallocinfo",
	"/proc/vmstat",
	"/proc/pagetypeinfo",
	"/proc/iomem",
	"/proc/stat",
	"/proc/mounts",
	"/proc/kpageflags",
	"/proc/kpagecount",
	"/proc/sysvipc/shm",
	"/proc/locks",
};

/* The first lead to where a process is: followed in others they would lead out of our own tree. */
#define NR_WAYS_OUT 8u
static const char *const of_process[] = {
	"exe",         "fd",         "fd/3",          "fd/4",         "cwd",       "root",
	"task",        "mem",        "maps",          "smaps",        "pagemap",   "stat",
	"statm",       "status",     "cmdline",       "smaps_rollup", "fdinfo/3",  "comm",
	"environ",     "auxv",       "limits",        "mounts",       "io",        "wchan",
	"stack",       "oom_score",  "syscall",       "pagewalk",     "numa_maps", "mountinfo",
	"personality", "clear_refs", "oom_score_adj",
};

static char path_text[2][64];

static uint32_t random_path(void)
{
	char *text = path_text[below(2)];
	uint32_t of_others = NR_WAYS_OUT + below(ARRAY_SIZE(of_process) - NR_WAYS_OUT);

	if (!one_in(3))
		return (uint32_t)paths[below(ARRAY_SIZE(paths))];
	if (one_in(2))
		snprintf(text, sizeof(path_text[0]), "/proc/self/%s",
			 of_process[below(ARRAY_SIZE(of_process))]);
	else
		snprintf(text, sizeof(path_text[0]), "/proc/%u/%s",
			 one_in(8) ? below(200) : random_pid(), of_process[of_others]);
	return (uint32_t)text;
}

/* --- structures --- */

static uint32_t words[1024];

/* Some words that no other argument of this call gets. */
static uint32_t *room(uint32_t nr_words)
{
	static uint32_t at;

	at = (at + 64) % (ARRAY_SIZE(words) - 64);
	for (uint32_t i = 0; i < nr_words; i++)
		words[at + i] = random_any();
	return words + at;
}

static uint32_t make_iovec(void)
{
	uint32_t *w = room(16);

	for (uint32_t i = 0; i < 8; i++) {
		w[2 * i] = random_pointer();
		w[2 * i + 1] = one_in(8) ? random_len() : below(300);
	}
	return (uint32_t)w;
}

static uint32_t make_poll(void)
{
	uint32_t *w = room(16);

	for (uint32_t i = 0; i < 8; i++) {
		w[2 * i] = random_fd();
		w[2 * i + 1] = random_bits() & 0xffff;
	}
	return (uint32_t)w;
}

static uint32_t make_action(void)
{
	uint32_t *w = room(5);

	w[0] = one_in(3) ? below(2) : one_in(20) ? random_pointer() : (uint32_t)fuzz_handler;
	w[1] = (random_word() &
		(SA_SIGINFO | SA_NODEFER | SA_RESTART | SA_ONSTACK | SA_NOCLDWAIT)) |
	       (one_in(20) ? random_bits() : SA_RESTORER);
	w[2] = (uint32_t)fuzz_restorer;
	w[3] &= random_word(); /* the mask */
	return (uint32_t)w;
}

static uint32_t make_time(bool long_seconds)
{
	uint32_t *w = room(4);

	w[0] = one_in(50);
	w[1] = below(2000000);
	if (long_seconds) {
		w[2] = w[1];
		w[1] = 0;
	}
	return (uint32_t)w;
}

/* struct timeval, twice: struct itimerval. */
static uint32_t make_timeval(void)
{
	uint32_t *w = room(4);

	w[0] = w[2] = 0;
	w[1] = below(30000);
	w[3] = below(30000);
	return (uint32_t)w;
}

static uint32_t make_lock(void)
{
	uint32_t *w = room(8);

	w[0] = below(4) | below(3) << 16; /* type, whence */
	w[1] = below(100);
	w[2] = below(100);
	w[3] = one_in(4) ? random_word() : 0;
	return (uint32_t)w;
}

static uint32_t make_tls(void)
{
	uint32_t *w = room(4);

	w[0] = one_in(4) ? random_word() : one_in(2) ? ~0u : 6 + below(3);
	return (uint32_t)w;
}

static uint32_t make_stack(void)
{
	uint32_t *w = room(3);

	w[0] = one_in(2) ? (uint32_t)ARENA + 8 * PAGE_SIZE : random_pointer();
	w[1] = one_in(4) ? random_bits() : below(4);
	w[2] = random_len();
	return (uint32_t)w;
}

/* --- arguments --- */

static uint32_t last_segment; /* that shmget answered */

void remember_answer(uint32_t nr, long answer)
{
	if ((nr == __NR_shmget || nr == __NR_ipc) && !is_error(answer))
		last_segment = answer;
}

static uint32_t random_structure(char kind)
{
	switch (kind) {
	case 'i':
		return make_iovec();
	case 'o':
		return make_poll();
	case 'h':
		return make_action();
	case 't':
		return one_in(8) ? 0 : make_time(false);
	case 'T':
		return one_in(8) ? 0 : make_time(true);
	case 'v':
		return one_in(8) ? 0 : make_timeval();
	case 'J':
		return one_in(3) ? below(100) : make_lock();
	case 'z':
		return make_tls();
	case 'Z':
		return make_stack();
	case 'F':
		return one_in(4) ? 0 : (uint32_t)room(32);
	case 'm':
		return one_in(6) ? 0 : (uint32_t)room(2);
	case 'w':
		return (uint32_t)ARENA + (below(ARENA_LEN) & ~3u);
	}
	return (uint32_t)room(32); /* W: some words */
}

static uint32_t random_number(char kind)
{
	switch (kind) {
	case '0':
		return 0;
	case '8':
		return 8;
	case 's':
		return below(16);
	case 'V':
		return below(64);
	case 'O':
		return one_in(10) ? random_word() : below(0x20000);
	case 'M':
		return one_in(6) ? random_bits() : 0600 | below(0200);
	case 'q':
		return ONE_OF(O_RDONLY, O_RDWR, O_RDWR | O_CREAT, O_RDWR | O_CREAT | O_TRUNC,
			      O_WRONLY | O_APPEND | O_CREAT, O_RDONLY | O_DIRECTORY, O_PATH,
			      O_RDWR | O_TMPFILE, O_RDWR | O_CREAT | O_EXCL) |
		       O_NONBLOCK;
	case 'k':
		return ONE_OF(MAP_PRIVATE | MAP_ANONYMOUS, MAP_SHARED | MAP_ANONYMOUS, MAP_PRIVATE,
			      MAP_SHARED, MAP_SHARED_VALIDATE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
			      MAP_SHARED | MAP_POPULATE) |
		       (one_in(3)   ? MAP_FIXED
			: one_in(8) ? MAP_FIXED_NOREPLACE
				    : 0);
	case 'u':
		return below(14) | (below(4) << 7);
	case 'j':
		return ONE_OF(TCGETS, TCSETS, TCSETSW, TCSETSF, TCSBRK, TCXONC, TCFLSH, TIOCEXCL,
			      TIOCSCTTY, TIOCGPGRP, TIOCSPGRP, TIOCOUTQ, TIOCSTI, TIOCGWINSZ,
			      TIOCSWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX, TIOCNOTTY, TIOCGSID,
			      TIOCGETD);
	case 'y': /* F_ADD_SEALS, F_SETPIPE_SZ and their neighbours lie from 1024 on */
		return one_in(3) ? 1024 + below(16) : below(20);
	case 'A':
		return one_in(3) ? MADV_DONTNEED : below(26);
	case 'I':
		return one_in(4) ? random_word() : last_segment;
	case 'K':
		return one_in(3) ? 0 : below(4);
	case 'B':
		return ONE_OF(0, MFD_CLOEXEC, MFD_ALLOW_SEALING);
	case 'R':
		return ONE_OF(0, 1, 2, 3, MREMAP_MAYMOVE | 4);
	}
	return random_any(); /* x */
}

uint32_t random_argument(char kind)
{
	if (kind == 'P')
		return random_pid();
	if (one_in(30))
		return random_any();
	switch (kind) {
	case 'N':
		return one_in(2) ? random_pid() : (uint32_t)-1;
	case 'f':
		return random_fd();
	case 'd':
		return one_in(2) ? (uint32_t)AT_FDCWD : random_fd();
	case 'n':
		return (uint32_t)names[below(ARRAY_SIZE(names))];
	case 'e':
		return random_path();
	case 'p':
		return random_pointer();
	case 'l':
		return random_len();
	case 'g':
		return one_in(12) ? random_len() : below(12) * PAGE_SIZE;
	case 'c':
		return below(9);
	case 'a':
		return random_place();
	case 'b':
		return random_bits();
	case 'r':
		return below(8);
	case 'S':
		return random_signal();
	}
	return strchr("iohtTvJzZFmwW", kind) ? random_structure(kind) : random_number(kind);
}
