/* Jobs of processes and their memory. */
#include "user/soak/soak.h"

#define PAGES 24u

/* --- copy-on-write --- */

static unsigned char *area;

/* Every page is still the parent's until it is written to, here and nowhere else. */
static void change_copy(uint32_t number)
{
	for (uint32_t i = 0; i < PAGES; i++) {
		FAIL_UNLESS(are_bytes(area + i * PAGE_SIZE, PAGE_SIZE, i), i);
		if ((number + i) % 3 == 0) {
			make_bytes(area + i * PAGE_SIZE, PAGE_SIZE, number * 1000 + i);
			count(COPIES, 1);
		}
	}
	sys_sched_yield();
	for (uint32_t i = 0; i < PAGES; i++)
		FAIL_UNLESS(are_bytes(area + i * PAGE_SIZE, PAGE_SIZE,
				      (number + i) % 3 == 0 ? number * 1000 + i : i),
			    i);
	if (number >= 100) /* and once more, with what it has */
		sys_exit(number % 50);
	for (uint32_t i = 0; i < PAGES; i++)
		make_bytes(area + i * PAGE_SIZE, PAGE_SIZE, i);
	wait_for_child(start_child(change_copy, number + 100), (number + 100) % 50 << 8);
	sys_exit(number % 50);
}

void job_forks(void)
{
	int pids[6];

	area = need_memory(PAGES, MAP_PRIVATE);
	for (uint32_t i = 0; i < PAGES; i++)
		make_bytes(area + i * PAGE_SIZE, PAGE_SIZE, i);
	for (uint32_t i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = start_child(change_copy, i + 1);
	for (uint32_t i = 0; i < ARRAY_SIZE(pids); i++)
		wait_for_child(pids[i], (i + 1) << 8);
	for (uint32_t i = 0; i < PAGES; i++)
		FAIL_UNLESS(are_bytes(area + i * PAGE_SIZE, PAGE_SIZE, i), i);
}

/* --- exec --- */

static char *const no_environment[] = {NULL};

void job_vforks(void)
{
	for (uint32_t i = 0; i < 10; i++) {
		uint32_t number = below(100);
		char text[12];
		char *argv[] = {"soak", "child", text, NULL};
		int pid;

		snprintf(text, sizeof(text), "%u", number);
		pid = syscall0(one_in(2) ? __NR_vfork : __NR_fork);
		if (pid == 0) {
			sys_execve("/bin/soak", argv, no_environment);
			sys_exit(was_short() ? GAVE_UP : 101);
		}
		NEED(pid);
		count(FORKS, 1);
		count(EXECS, 1);
		wait_for_child(pid, number << 8);
	}
}

/* --- mappings --- */

#define SLOTS      64u
#define SLOT_PAGES 8u

static struct {
	unsigned char *at;
	uint32_t pages, number;
	int prot;
} slots[SLOTS];

static void check_slot(uint32_t i)
{
	if (slots[i].at && slots[i].prot != PROT_NONE)
		for (uint32_t page = 0; page < slots[i].pages; page++)
			FAIL_UNLESS(are_bytes(slots[i].at + page * PAGE_SIZE, 64,
					      slots[i].number + page),
				    i);
}

static void fill_slot(uint32_t i, uint32_t from_page)
{
	for (uint32_t page = from_page; page < slots[i].pages; page++)
		make_bytes(slots[i].at + page * PAGE_SIZE, 64, slots[i].number + page);
}

static void change_slot(uint32_t i)
{
	uint32_t before = slots[i].pages;

	switch (below(4)) {
	case 0:
		NEED(sys_munmap(slots[i].at, before * PAGE_SIZE));
		slots[i].at = NULL;
		break;
	case 1:
		slots[i].prot = (const int[]){PROT_NONE, PROT_READ, RW}[below(3)];
		NEED(sys_mprotect(slots[i].at, before * PAGE_SIZE, slots[i].prot));
		break;
	case 2:
		slots[i].pages = 1 + below(SLOT_PAGES);
		slots[i].at =
			(void *)NEED(sys_mremap(slots[i].at, before * PAGE_SIZE,
						slots[i].pages * PAGE_SIZE, MREMAP_MAYMOVE, NULL));
		NEED(sys_mprotect(slots[i].at, slots[i].pages * PAGE_SIZE, RW));
		slots[i].prot = RW;
		if (slots[i].pages > before)
			fill_slot(i, before);
		break;
	default:
		if (slots[i].prot != RW)
			break;
		NEED(sys_madvise(slots[i].at, before * PAGE_SIZE, MADV_DONTNEED));
		for (uint32_t at = 0; at < before * PAGE_SIZE; at += 512)
			FAIL_UNLESS(slots[i].at[at] == 0, at);
		fill_slot(i, 0);
	}
}

/* Against what we remember of each mapping. */
void job_mappings(void)
{
	for (uint32_t step = 0; step < 1500; step++) {
		uint32_t i = below(SLOTS);

		check_slot(i);
		if (slots[i].at) {
			change_slot(i);
			continue;
		}
		slots[i].pages = 1 + below(SLOT_PAGES);
		slots[i].number = random_word();
		slots[i].prot = RW;
		slots[i].at = need_memory(slots[i].pages, MAP_PRIVATE);
		fill_slot(i, 0);
		count(MAPPINGS, 1);
	}
	for (uint32_t i = 0; i < SLOTS; i++)
		check_slot(i);
}

/* --- shared memory --- */

#define ADDERS   4u
#define ADDITION 2000u

static volatile uint32_t *sum;

static void add(uint32_t number)
{
	for (uint32_t i = 0; i < ADDITION; i++) {
		asm volatile("lock addl %1, %0" : "+m"(sum[i % 4 * 1024]) : "r"(number));
		if (i % 500 == 0)
			sys_sched_yield();
	}
	sys_exit(0);
}

static void add_up(void)
{
	uint32_t total = 0, expected = 0;
	int pids[ADDERS];

	for (uint32_t i = 0; i < ADDERS; i++)
		pids[i] = start_child(add, i + 1);
	for (uint32_t i = 0; i < ADDERS; i++) {
		wait_for_child(pids[i], 0);
		expected += (i + 1) * ADDITION;
	}
	for (uint32_t i = 0; i < 4; i++)
		total += sum[i * 1024];
	FAIL_UNLESS(total == expected, total);
}

void job_shared(void)
{
	sum = need_memory(4, MAP_SHARED);
	add_up();
}

/* System V: it lasts as long as somebody is attached, once it is removed. */
void job_segment(void)
{
	long id = NEED(
		syscall3(__NR_shmget, 0 /* IPC_PRIVATE */, 4 * PAGE_SIZE, 01600 /* IPC_CREAT */));
	long at = syscall3(__NR_shmat, id, 0, 0);

	syscall3(__NR_shmctl, id, 0 /* IPC_RMID */, 0);
	sum = (uint32_t *)NEED(at);
	add_up();
	NEED(syscall1(__NR_shmdt, at));
	FAIL_UNLESS(syscall3(__NR_shmat, id, 0, 0) < 0, id);
}

/* --- no memory --- */

/* Takes all there is. Who is ended for it is this one, or another: then this goes on for a while. */
static void eat(uint32_t unused)
{
	(void)unused;
	for (;;) {
		char *p = sys_mmap(NULL, 1 << 20, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (is_error_ptr(p))
			sys_exit(0); /* refused, which is as good */
		for (uint32_t at = 0; at < 1 << 20; at += PAGE_SIZE)
			p[at] = 1;
	}
}

void job_eater(void)
{
	int pid = start_child(eat, 0), status = 0;

	FAIL_UNLESS(sys_wait4(pid, &status, 0, NULL) == pid, status);
	FAIL_UNLESS(status == 0 || status == SIGKILL, status);
	count(VICTIMS, status == SIGKILL);
}
