/*
 * Random changes to 64 pages of address space by all the calls that make, change and undo mappings, and after
 * each what can be seen of every page: its rights and what lies there (/proc/self/maps), its flags (smaps), whether
 * it has a frame (pagemap, mincore), what touching it does, and what is in it.
 *
 *	random-areas [SEED CALLS]		prints what each call did
 *	random-areas SEED CALLS SEEDS		only the sums, for so many seeds from SEED on
 *	random-areas SEED CALLS SEEDS all	and what each call did
 *
 * What depends on how far a kernel joins neighbours is not asked: mremap, which takes one mapping only, gets
 * pages that were mapped and changed together.
 */
#include "tests/abi/lib/abi.h"

#include <asm/signal.h>
#include <linux/falloc.h>
#include <linux/fcntl.h>
#include <linux/ipc.h>
#include <linux/memfd.h>
#include <linux/resource.h>
#include <linux/uio.h>

#define ARENA      ((char *)0x30000000)
#define PAGES      64u
#define RW         (PROT_READ | PROT_WRITE)

#define SHM_RDONLY 010000
#define SHM_REMAP  040000

enum kind { NONE, PRIVATE, SHARED, FILE_PRIVATE, FILE_SHARED };

static struct {
	uint32_t batch; /* pages with the same number are of one mapping; 0: unmapped */
	enum kind kind;
	bool unshared; /* Linux has perhaps taken a copy when a call read it, and a write need not fault */
} pages[PAGES];

static uint32_t state, last_batch, salt;
static int text_file, memory_file, segment = -1;
static bool each, in_child_now;

/* ---- chance ---- */

static uint32_t below(uint32_t limit)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % limit;
}

static uint32_t mix(uint32_t hash, uint32_t value)
{
	return (hash ^ value) * 16777619u;
}

struct range {
	uint32_t first, nr;
};

static char *address_of(uint32_t page)
{
	return ARENA + page * PAGE_SIZE;
}

static struct range random_range(void)
{
	struct range r;

	r.first = below(PAGES);
	r.nr = 1 + below(below(3) ? 5 : PAGES);
	if (r.nr > PAGES - r.first)
		r.nr = PAGES - r.first;
	return r;
}

static int random_prot(void)
{
	static const int prots[] = {
		PROT_NONE,      PROT_READ, RW, RW, RW, RW, PROT_READ | PROT_EXEC,
		RW | PROT_EXEC, PROT_WRITE};

	return prots[below(ARRAY_SIZE(prots))];
}

/* ---- touching ---- */

int touch_load(const volatile char *at);
int touch_store(volatile char *at, int value);
void touch_failed(void);

/* The byte, or 0; or -1: the handler came, and left us here. */
asm(".pushsection .text\n"
    "touch_load: mov 4(%esp), %edx\n"
    "	movzbl (%edx), %eax\n"
    "	ret\n"
    "touch_store: mov 4(%esp), %edx\n"
    "	mov 8(%esp), %ecx\n"
    "	movb %cl, (%edx)\n"
    "	xor %eax, %eax\n"
    "	ret\n"
    "touch_failed: mov $-1, %eax\n"
    "	ret\n"
    ".popsection");

static volatile uint32_t fault_signal, fault_code, fault_address;

static void on_fault(int signo, const uint32_t *info, uint32_t *context)
{
	fault_signal = signo;
	fault_code = info[2];
	fault_address = info[3];
	context[5 + 14] = (uint32_t)touch_failed; /* uc_mcontext, eip */
}

static long minor_faults(void)
{
	struct rusage usage;

	syscall2(__NR_getrusage, RUSAGE_SELF, (long)&usage);
	return usage.ru_minflt;
}

static uint32_t touch(uint32_t page, uint32_t offset, bool write)
{
	char *at = address_of(page) + offset;
	long before = minor_faults();
	int got;

	fault_signal = fault_code = fault_address = 0;
	got = write ? touch_store(at, salt + page) : touch_load(at);
	before = minor_faults() - before;
	if (each)
		printf(" %u%s%d", page, write ? "w" : "r", got);
	if (got != -1 && pages[page].kind == PRIVATE && !pages[page].unshared && !in_child_now) {
		got = mix(got, before);
		if (each)
			printf("f%ld", before);
	}
	if (each && fault_signal)
		printf(":%u/%u", fault_signal, fault_code);
	return mix(mix(mix(got, fault_signal), fault_code), fault_address);
}

/* ---- looking ---- */

static char text[1 << 18];

static const char *fetch(const char *path)
{
	int fd = sys_open(path, O_RDONLY, 0);
	long n, len = 0;

	while ((n = sys_read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	sys_close(fd);
	text[len] = '\0';
	return text;
}

static const char *next_line(const char *at)
{
	const char *end = strchr(at, '\n');

	return end ? end + 1 : at + strlen(at);
}

static uint32_t hex(const char **at)
{
	uint32_t n = 0;

	for (;; ++*at) {
		char c = **at;

		if (c >= '0' && c <= '9')
			n = n * 16 + c - '0';
		else if (c >= 'a' && c <= 'f')
			n = n * 16 + c - 'a' + 10;
		else
			return n;
	}
}

static uint32_t seen[PAGES]; /* a sum for each page */
static char rights[PAGES + 1], flags_seen[PAGES][40], resident[PAGES + 1];

/* The rest of a line of maps: "-end rwxp offset dev inode name". */
static void see_mapping(uint32_t start, const char *at)
{
	const char *perms, *name;
	uint32_t end, offset, ino, hash;

	at++;
	end = hex(&at);
	perms = ++at;
	at += 5;
	offset = hex(&at);
	at += 7;
	ino = *at != '0'; /* which number depends on the file system */
	name = at;
	while (*name != ' ' && *name != '\n')
		name++;
	while (*name == ' ')
		name++;
	hash = mix(ino, 0);
	for (; *name != '\n'; name++)
		hash = mix(hash, *name);
	for (uint32_t i = 0; i < PAGES; i++) {
		uint32_t page = (uint32_t)address_of(i);

		if (page < start || page >= end)
			continue;
		seen[i] = mix(hash, offset + (ino ? page - start : 0));
		for (int k = 0; k < 4; k++)
			seen[i] = mix(seen[i], perms[k]);
		rights[i] = perms[0] == 'r'   ? perms[1] == 'w' ? 'w' : 'r'
			    : perms[1] == 'w' ? 'o'
					      : '-';
	}
}

static void see_mappings(void)
{
	const char *at = fetch("proc/self/maps");

	memset(seen, 0, sizeof(seen));
	memset(rights, '.', PAGES);
	for (; *at; at = next_line(at)) {
		const char *rest = at;
		uint32_t start = hex(&rest);

		see_mapping(start, rest);
	}
	for (uint32_t i = 0; i < PAGES; i++)
		if (rights[i] == '.') { /* a call that failed may have unmapped it before */
			pages[i].batch = 0;
			pages[i].kind = NONE;
		}
}

static void see_flags(void)
{
	static const char *const known[] = {"rd", "wr", "ex", "sh", "mr", "mw", "me", "ms", "gd",
					    "lo", "sr", "rr", "dc", "lf", "nr", "wf", "dd"};
	const char *at = fetch("proc/self/smaps");
	uint32_t start = 0, end = 0;

	memset(flags_seen, 0, sizeof(flags_seen));
	for (; *at; at = next_line(at)) {
		const char *rest = at;
		uint32_t number = hex(&rest), hash = 0;
		char list[40] = "";

		if (*rest == '-' && rest - at == 8) {
			start = number;
			rest++;
			end = hex(&rest);
		}
		if (strncmp(at, "VmFlags:", 8))
			continue;
		for (unsigned int i = 0; i < ARRAY_SIZE(known); i++)
			for (rest = at + 9; *rest != '\n'; rest += rest[2] == ' ' ? 3 : 2)
				if (rest[0] == known[i][0] && rest[1] == known[i][1]) {
					hash |= 1u << i;
					if (i > 7)
						snprintf(list + strlen(list),
							 sizeof(list) - strlen(list), "%s ",
							 known[i]);
				}
		for (uint32_t i = 0; i < PAGES; i++)
			if ((uint32_t)address_of(i) >= start && (uint32_t)address_of(i) < end) {
				seen[i] = mix(seen[i], hash);
				memcpy(flags_seen[i], list, sizeof(list));
			}
	}
}

/* Does each private page have a frame? Of others that depends on what was read ahead. */
static void see_frames(void)
{
	static uint64_t entries[PAGES];
	int fd = sys_open("proc/self/pagemap", O_RDONLY, 0);

	memset(entries, 0, sizeof(entries));
	sys_pread64(fd, entries, sizeof(entries), (uint32_t)ARENA / PAGE_SIZE * 8);
	sys_close(fd);
	for (uint32_t i = 0; i < PAGES; i++) {
		bool is_private = pages[i].kind == PRIVATE && !in_child_now;
		uint32_t bits = entries[i] >> 61 & 7;

		if (is_private)
			seen[i] = mix(seen[i], bits);
		resident[i] = is_private ? '0' + bits : '.';
	}
}

static uint32_t touch_some(uint32_t nr)
{
	uint32_t hash = 0;

	while (nr--) {
		uint32_t page = below(PAGES), offset = below(2) ? PAGE_SIZE - 1 : 0;
		uint32_t got = touch(page, offset, below(3) == 0);

		hash = mix(hash, got);
	}
	return hash;
}

static uint32_t contents(void)
{
	uint32_t hash = 0;

	for (uint32_t i = 0; i < PAGES; i++)
		for (uint32_t offset = 0; offset < PAGE_SIZE; offset += 455)
			hash = mix(hash, touch_load(address_of(i) + offset));
	return hash;
}

static uint32_t look(bool closely)
{
	uint32_t hash = 0;

	see_mappings();
	if (closely)
		see_flags();
	see_frames();
	for (uint32_t i = 0; i < PAGES; i++)
		hash = mix(hash, seen[i]);
	if (each) {
		printf("\n| 	%s\n| 	%s", rights, resident);
		if (closely)
			for (uint32_t i = 0; i < PAGES; i++)
				if (flags_seen[i][0])
					printf("\n| 		%u: %s", i, flags_seen[i]);
	}
	return hash;
}

/* ---- what we know of it ---- */

static void know_mapped(struct range r, enum kind kind)
{
	last_batch++;
	for (uint32_t i = r.first; i < r.first + r.nr; i++) {
		pages[i].unshared = false;
		pages[i].batch = kind == NONE ? 0 : last_batch;
		pages[i].kind = kind;
	}
}

/* Something changed here: what was one mapping may be cut. */
static void know_cut(struct range r)
{
	uint32_t old = 0;

	for (uint32_t i = r.first; i < r.first + r.nr; i++) {
		if (pages[i].batch != old)
			last_batch++;
		old = pages[i].batch;
		pages[i].batch = old ? last_batch : 0;
	}
	last_batch++;
}

/* Up to nr pages of one mapping at a random place; nr 0: there was none. */
static struct range random_batch(void)
{
	struct range r = random_range();
	uint32_t nr = 1;

	if (!pages[r.first].batch)
		return (struct range){r.first, 0};
	while (nr < r.nr && pages[r.first + nr].batch == pages[r.first].batch)
		nr++;
	r.nr = nr;
	return r;
}

static bool is_locked_anywhere, has_stacks;

/* ---- changes ---- */

static const char *what;

static long map(void)
{
	struct range r = random_range();
	uint32_t which = below(10);
	int flags = MAP_FIXED, fd = -1, prot = random_prot();
	enum kind kind;
	long page = 0, ret;

	if (which < 5) {
		what = "mmap anonymous";
		kind = PRIVATE;
		flags |= MAP_PRIVATE | MAP_ANONYMOUS;
		if (!below(5))
			flags |= MAP_NORESERVE;
		if (!below(12)) {
			flags |= MAP_GROWSDOWN;
			has_stacks = true;
		}
	} else if (which < 6) {
		what = "mmap anonymous shared";
		kind = SHARED;
		flags |= MAP_SHARED | MAP_ANONYMOUS;
	} else if (which < 7) {
		what = "mmap file private";
		kind = FILE_PRIVATE;
		flags |= MAP_PRIVATE;
		fd = text_file;
		page = below(4);
	} else {
		kind = below(2) ? FILE_PRIVATE : FILE_SHARED;
		what = kind == FILE_PRIVATE ? "mmap memory file private"
					    : "mmap memory file shared";
		flags |= kind == FILE_PRIVATE ? MAP_PRIVATE : MAP_SHARED;
		fd = memory_file;
		page = below(40);
	}
	if (!below(6))
		flags |= MAP_POPULATE;
	if (!below(12)) {
		flags |= MAP_LOCKED;
		is_locked_anywhere = true;
	}
	if (!below(6)) {
		bool is_free = true;

		flags = (flags & ~MAP_FIXED) | MAP_FIXED_NOREPLACE;
		for (uint32_t i = r.first; i < r.first + r.nr; i++)
			is_free &= !pages[i].batch;
		if (is_free && below(2))
			flags &= ~MAP_FIXED_NOREPLACE;
	}
	ret = (long)sys_mmap(address_of(r.first), r.nr * PAGE_SIZE, prot, flags, fd, page);
	if (each)
		printf(" [%u+%u prot %x flags %x fd %d page %ld]", r.first, r.nr, prot, flags, fd,
		       page);
	if (is_error(ret))
		return ret;
	if (ret != (long)address_of(r.first)) { /* a stack above keeps its distance */
		sys_munmap((void *)ret, r.nr * PAGE_SIZE);
		return -1;
	}
	know_mapped(r, kind);
	return ret;
}

static long unmap(void)
{
	struct range r = random_range();
	long ret;

	what = "munmap";
	ret = sys_munmap(address_of(r.first), r.nr * PAGE_SIZE);
	if (each)
		printf(" [%u+%u]", r.first, r.nr);
	know_mapped(r, NONE);
	return ret;
}

static long protect(void)
{
	struct range r = random_range();
	int prot = random_prot();

	what = "mprotect";
	know_cut(r);
	if (each)
		printf(" [%u+%u prot %x]", r.first, r.nr, prot);
	return sys_mprotect(address_of(r.first), r.nr * PAGE_SIZE, prot);
}

static long remap(void)
{
	struct range old = random_batch(), new = random_range();
	int flags = below(4) ? MREMAP_MAYMOVE | MREMAP_FIXED : 0;
	enum kind kind = pages[old.first].kind;
	bool unshared = false;
	long ret;

	what = "mremap";
	if (!old.nr)
		return 0;
	if (below(2))
		new.nr = old.nr;
	if (!below(3)) /* to a neighbour */
		new.first = below(2) ? old.first + old.nr : old.first - new.nr;
	if (new.first >= PAGES)
		return 0;
	if (!flags)
		new.first = old.first;
	if (new.nr > PAGES - new.first)
		new.nr = PAGES - new.first;
	/* DONTUNMAP of a part takes the lock from the whole */
	if (flags && new.nr == old.nr && below(3) == 0 && !is_locked_anywhere)
		flags |= MREMAP_DONTUNMAP;
	/* A second mapping of the same */
	if (flags == (MREMAP_MAYMOVE | MREMAP_FIXED) && (kind == SHARED || kind == FILE_SHARED) &&
	    !below(5))
		old.nr = 0;
	if (each)
		printf(" [%u+%u to %u+%u flags %x]", old.first, old.nr, new.first, new.nr, flags);
	ret = (long)sys_mremap(address_of(old.first), old.nr * PAGE_SIZE, new.nr *PAGE_SIZE, flags,
			       address_of(new.first));
	if (is_error(ret))
		return -1; /* which error comes first depends on the version */
	for (uint32_t i = old.first; i < old.first + old.nr; i++)
		unshared |= pages[i].unshared;
	if (old.nr && !(flags & MREMAP_DONTUNMAP))
		know_mapped(old, NONE);
	else
		know_cut(old);
	know_mapped(new, kind);
	for (uint32_t i = new.first; i < new.first + new.nr; i++)
		pages[i].unshared = unshared;
	return ret;
}

static long advise(void)
{
	static const int advices[] = {MADV_NORMAL,
				      MADV_RANDOM,
				      MADV_SEQUENTIAL,
				      MADV_WILLNEED,
				      MADV_DONTNEED,
				      MADV_DONTNEED,
				      MADV_FREE,
				      MADV_REMOVE,
				      MADV_DONTFORK,
				      MADV_DOFORK,
				      MADV_WIPEONFORK,
				      MADV_KEEPONFORK,
				      MADV_DONTDUMP,
				      MADV_DODUMP,
				      MADV_POPULATE_READ,
				      MADV_POPULATE_WRITE,
				      MADV_DONTNEED_LOCKED,
				      MADV_COLD,
				      77};
	struct range r = random_range();
	int advice = advices[below(ARRAY_SIZE(advices))];
	long ret;

	what = "madvise";
	know_cut(r);
	if (each)
		printf(" [%u+%u advice %d]", r.first, r.nr, advice);
	if (advice ==
	    MADV_REMOVE) /* what a mapping that is read-only now may do depends on the version */
		for (uint32_t i = r.first; i < r.first + r.nr; i++)
			if (pages[i].kind != SHARED || rights[i] != 'w')
				return 0;
	ret = sys_madvise(address_of(r.first), r.nr * PAGE_SIZE, advice);
	return ret;
}

static long lock(void)
{
	struct range r = random_range();
	char *at = address_of(r.first);
	size_t len = r.nr * PAGE_SIZE;
	uint32_t how = below(12);

	what = "mlock and its kind";
	if (each)
		printf(" [%u+%u how %u]", r.first, r.nr, how);
	if (how < 10)
		know_cut(r);
	is_locked_anywhere = true;
	switch (how) {
	case 0:
	case 1:
		return syscall2(__NR_mlock, (long)at, len);
	case 2:
	case 3:
		return syscall3(__NR_mlock2, (long)at, len, MLOCK_ONFAULT);
	case 10:
		return syscall1(__NR_mlockall, 1 + below(7));
	case 11:
		is_locked_anywhere = false;
		return syscall0(__NR_munlockall);
	default:
		return syscall2(__NR_munlock, (long)at, len);
	}
}

static long ask(void)
{
	static unsigned char answers[PAGES];
	struct range r = random_range();
	uint32_t hash;

	if (below(2)) {
		what = "msync";
		return syscall3(__NR_msync, (long)address_of(r.first), r.nr * PAGE_SIZE, below(8));
	}
	what = "mincore";
	memset(answers, 7, sizeof(answers));
	hash = syscall3(__NR_mincore, (long)address_of(r.first), r.nr * PAGE_SIZE, (long)answers);
	for (uint32_t i = 0; i < r.nr; i++)
		if (pages[r.first + i].kind == PRIVATE && !in_child_now)
			hash = mix(hash, answers[i]);
	return hash;
}

static long change_file(void)
{
	static char bytes[3 * PAGE_SIZE];
	struct stat64 st;
	uint64_t at = below(40 * PAGE_SIZE), len = below(5 * PAGE_SIZE);
	long ret;

	switch (below(4)) {
	case 0:
	case 1:
		what = "ftruncate";
		ret = syscall3(__NR_ftruncate64, memory_file, at, 0);
		break;
	case 2:
		what = "punch";
		ret = syscall6(__NR_fallocate, memory_file,
			       FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, 0, len, 0);
		break;
	default:
		what = "pwrite";
		memset(bytes, salt, sizeof(bytes));
		ret = syscall5(__NR_pwrite64, memory_file, (long)bytes, below(sizeof(bytes)), at,
			       0);
	}
	sys_fstat64(memory_file, &st);
	if (each)
		printf(" [%u %u, %u blocks]", (uint32_t)at, (uint32_t)len, (uint32_t)st.st_blocks);
	return mix(mix(ret, st.st_blocks), st.st_size);
}

static long attach(void)
{
	struct range r = random_range();
	bool read_only = !below(3);
	uint32_t at;
	long ret;

	what = "shmat";
	if (r.nr > 6 || segment < 0)
		return 0;
	if (r.first + 6 > PAGES)
		r.first = PAGES - 6;
	r.nr = 6;
	ret = syscall6(__NR_ipc, SHMAT, segment,
		       (read_only ? SHM_RDONLY : 0) | (below(2) ? SHM_REMAP : 0), (long)&at,
		       (long)address_of(r.first), 0);
	if (each)
		printf(" [%u+%u]", r.first, r.nr);
	if (!is_error(ret))
		know_mapped(r, SHARED);
	return ret;
}

static long remap_file(void)
{
	struct range r = random_batch();
	uint32_t page = below(40), flags = below(2) ? MAP_NONBLOCK : 0;
	long ret;

	what = "remap_file_pages";
	if (!r.nr)
		return 0;
	if (each)
		printf(" [%u+%u page %u]", r.first, r.nr, page);
	ret = syscall5(__NR_remap_file_pages, (long)address_of(r.first), r.nr * PAGE_SIZE, 0, page,
		       flags);
	if (!ret)
		know_mapped(r, pages[r.first].kind);
	return ret;
}

/* Our own memory, many pages at once, as if it was another process'. */
static long copy_by_call(void)
{
	static char bytes[PAGES * PAGE_SIZE];
	struct range r = random_range();
	struct iovec here = {bytes, r.nr * PAGE_SIZE - 100},
		     there = {address_of(r.first) + 50, r.nr * PAGE_SIZE - 100};
	bool write = below(2);
	uint32_t hash;
	long ret;

	what = write ? "process_vm_writev" : "process_vm_readv";
	/* whether that makes a stack grow depends on the version */
	for (uint32_t i = r.first; i < r.first + r.nr; i++)
		if (has_stacks && !pages[i].batch)
			return 0;
	for (uint32_t i = r.first; i < r.first + r.nr; i++)
		pages[i].unshared |= !write;
	memset(bytes, salt + 1, sizeof(bytes));
	ret = syscall6(write ? __NR_process_vm_writev : __NR_process_vm_readv, sys_getpid(),
		       (long)&here, 1, (long)&there, 1, 0);
	hash = ret;
	for (long i = 0; i < ret; i += 333)
		hash = mix(hash, bytes[i]);
	if (each)
		printf(" [%u+%u]", r.first, r.nr);
	return hash;
}

static long read_in(void)
{
	struct range r = random_range();
	uint32_t where = below(9000), len = below(3 * PAGE_SIZE), offset = below(PAGE_SIZE);

	what = "pread";
	if (each)
		printf(" [%u]", r.first);
	return sys_pread64(text_file, address_of(r.first) + offset, len, where);
}

static uint32_t step(bool closely);

/* A child goes on by itself for a while; of what it does only what is shared shows here. */
static long fork_and_go_on(void)
{
	int status = 0, pid;

	what = "fork";
	pid = sys_fork();
	if (pid == 0) {
		uint32_t hash = 0, nr = below(6);

		in_child_now = true;
		if (each)
			printf("\n| child:");
		is_locked_anywhere = false;
		hash = mix(hash, look(true));
		if (below(2))
			hash = mix(hash, contents());
		while (nr--)
			hash = mix(hash, step(false));
		if (each)
			printf("\n| child ends: %08x\n|", hash);
		sys_exit(hash % 251);
	}
	sys_wait4(pid, &status, 0, NULL);
	return status;
}

static uint32_t step(bool closely)
{
	uint32_t hash, which = below(44);
	long ret;

	salt++;
	if (which < 11)
		ret = map();
	else if (which < 14)
		ret = unmap();
	else if (which < 19)
		ret = protect();
	else if (which < 25)
		ret = remap();
	else if (which < 30)
		ret = advise();
	else if (which < 33)
		ret = lock();
	else if (which < 34)
		ret = ask();
	else if (which < 36)
		ret = change_file();
	else if (which < 37)
		ret = attach();
	else if (which < 38)
		ret = remap_file();
	else if (which < 40)
		ret = copy_by_call();
	else if (which < 41)
		ret = read_in();
	else if (!in_child_now || !below(3))
		ret = fork_and_go_on();
	else
		ret = 0, what = "nothing";
	if (each)
		printf(" %s: %s%lx", what, ret < 0 ? "-" : "", ret < 0 ? -ret : ret);
	hash = mix(ret, touch_some(5));
	return mix(hash, look(closely));
}

static void run(uint32_t seed, uint32_t calls)
{
	uint32_t hash = 0;

	sys_munmap(ARENA, PAGES * PAGE_SIZE);
	syscall0(__NR_munlockall);
	memset(pages, 0, sizeof(pages));
	state = seed;
	salt = last_batch = 0;
	is_locked_anywhere = has_stacks = false;
	sys_close(memory_file);
	memory_file = syscall2(__NR_memfd_create, (long)"memory", 0);
	syscall3(__NR_ftruncate64, memory_file, 20 * PAGE_SIZE + 77, 0);
	segment = syscall6(__NR_ipc, SHMGET, IPC_PRIVATE, 5 * PAGE_SIZE + 9, 0600, 0, 0);
	for (uint32_t i = 1; i <= calls; i++) {
		if (each)
			printf("| %u.%u:", seed, i);
		hash = mix(hash, step(i % 4 == 0));
		if (i % 64 == 0)
			hash = mix(hash, contents());
		if (each)
			printf("\n| %u ends: %08x\n", i, hash);
		else if (i % 100 == 0 || i == calls)
			line("seed %u, %u calls: %08x", seed, i, hash);
	}
	syscall6(__NR_ipc, SHMCTL, segment, IPC_RMID, 0, 0, 0);
}

int main(int argc, char *argv[])
{
	static const uint32_t seeds[] = {1, 22, 333, 4444, 55555, 666666};
	struct signal_action action = {(void *)on_fault, SA_SIGINFO | SA_RESTORER | SA_NODEFER,
				       signal_return, 0};

	if (sys_access("proc/self/maps", 0))
		CALL(mount, "proc", "proc", "proc", 0, 0);
	sys_rt_sigaction(SIGSEGV, &action, NULL);
	sys_rt_sigaction(SIGBUS, &action, NULL);
	text_file = sys_open(DATA_FILE, O_RDONLY, 0);
	if (argc > 2) {
		uint32_t seed = parse_number(argv[1], NULL),
			 nr = argc > 3 ? parse_number(argv[3], NULL) : 1;

		each = nr == 1 || argc > 4;
		while (nr--)
			run(seed++, parse_number(argv[2], NULL));
	} else {
		for (unsigned int i = 0; i < ARRAY_SIZE(seeds); i++)
			run(seeds[i], 200);
	}
	return 0;
}
