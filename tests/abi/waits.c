/* The other forms of select, poll and futex: old arguments, 64-bit time, and what they refuse. */
#include "tests/abi/lib/abi.h"

#include <linux/futex.h>

#define IN 1

struct pollfd {
	int fd;
	short events, revents;
};

static int ends[2];
static struct __kernel_timespec zero, moment = {0, 2000000}, bad = {0, 1000000000};

static void selects(void)
{
	unsigned in[32] = {1u << ends[0]}, none[5] = {0};
	int32_t nothing[2] = {0, 0}, negative[2] = {-1, 0};
	unsigned args[5] = {ends[1] + 1, (long)in, 0, 0, (long)nothing};
	uint32_t mask[2] = {0}, mask_and_size[2] = {(long)mask, 8};

	SAY(select, args);
	line("  in %u", in[0]);
	sys_write(ends[1], "x", 1);
	in[0] = 1u << ends[0];
	SAY(select, args);
	line("  in %d", in[0] == 1u << ends[0]);
	SAY(select, BAD_POINTER);
	args[4] = (long)negative;
	SAY(select, args);
	SAY(select, (none[4] = (long)nothing, none));
	none[0] = -1;
	SAY(select, none);
	SAY(pselect6_time64, ends[1] + 1, in, 0, 0, &zero, mask_and_size);
	line("  in %d", in[0] == 1u << ends[0]);
	SAY(pselect6_time64, 0, 0, 0, 0, &moment, 0);
	SAY(pselect6_time64, 0, 0, 0, 0, &bad, 0);
	SAY(pselect6_time64, 0, 0, 0, 0, BAD_POINTER, 0);
	SAY(pselect6_time64, 0, 0, 0, 0, &zero, BAD_POINTER);
	SAY(pselect6_time64, -1, 0, 0, 0, &zero, 0);
	mask_and_size[1] = 4;
	SAY(pselect6_time64, 0, 0, 0, 0, &zero, mask_and_size);
	mask_and_size[0] = BAD_POINTER;
	mask_and_size[1] = 8;
	SAY(pselect6_time64, 0, 0, 0, 0, &zero, mask_and_size);
	in[0] = 1u << 30;
	SAY(pselect6_time64, 31, in, 0, 0, &zero, 0);
	SAY(pselect6_time64, 31, BAD_POINTER, 0, 0, &zero, 0);
}

static void polls(void)
{
	struct pollfd p = {ends[0], IN, 0};
	uint32_t mask[2] = {0};

	SAY(ppoll_time64, &p, 1, &zero, mask, 8);
	line("  %x", p.revents);
	SAY(ppoll_time64, &p, 1, 0, 0, 0);
	SAY(ppoll_time64, 0, 0, &moment, 0, 0);
	SAY(ppoll_time64, &p, 1, &bad, 0, 0);
	SAY(ppoll_time64, &p, 1, BAD_POINTER, 0, 0);
	SAY(ppoll_time64, &p, 1, &zero, mask, 4);
	SAY(ppoll_time64, &p, 1, &zero, BAD_POINTER, 8);
	SAY(ppoll_time64, BAD_POINTER, 1, &zero, 0, 0);
	SAY(ppoll_time64, &p, -1, &zero, 0, 0);
	SAY(ppoll, &p, 1, BAD_POINTER, 0, 0);
	SAY(ppoll, &p, 1, 0, mask, 4);
}

static void futexes(void)
{
	static uint32_t word = 5, other;
	struct timespec moment32 = {0, 2000000}, bad32 = {0, -1};
	uint32_t *odd = (uint32_t *)((char *)&word + 1);

	SAY(futex_time64, &word, FUTEX_WAIT, 4, &zero, 0, 0);
	SAY(futex_time64, &word, FUTEX_WAIT, 5, &moment, 0, 0);
	SAY(futex_time64, &word, FUTEX_WAIT_BITSET, 5, &zero, 0, -1);
	SAY(futex_time64, &word, FUTEX_WAIT_BITSET, 5, &zero, 0, 0);
	SAY(futex_time64, &word, FUTEX_WAIT, 5, &bad, 0, 0);
	SAY(futex_time64, &word, FUTEX_WAIT, 5, BAD_POINTER, 0, 0);
	SAY(futex_time64, BAD_POINTER, FUTEX_WAIT, 5, &moment, 0, 0);
	SAY(futex_time64, odd, FUTEX_WAIT, 5, &moment, 0, 0);
	SAY(futex_time64, &word, FUTEX_WAKE, 1, 0, 0, 0);
	SAY(futex_time64, odd, FUTEX_WAKE, 1, 0, 0, 0);
	SAY(futex_time64, &word, FUTEX_WAKE_BITSET, 1, 0, 0, 0);
	SAY(futex_time64, &word, FUTEX_WAKE_BITSET, 1, 0, 0, 2);
	SAY(futex_time64, &word, FUTEX_REQUEUE, 1, 1, &other, 0);
	SAY(futex_time64, &word, FUTEX_CMP_REQUEUE, 1, 1, &other, 5);
	SAY(futex_time64, &word, FUTEX_CMP_REQUEUE, 1, 1, &other, 6);
	SAY(futex_time64, &word, FUTEX_REQUEUE, -1, 1, &other, 0);
	SAY(futex_time64, &word, FUTEX_WAKE_OP, 1, 1, &other,
	    FUTEX_OP(FUTEX_OP_SET, 9, FUTEX_OP_CMP_EQ, 0));
	line("  other %u", other);
	SAY(futex_time64, &word, FUTEX_WAKE_OP, 1, 1, &other,
	    FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_GT, 0));
	line("  other %u", other);
	SAY(futex_time64, &word, FUTEX_WAKE_OP, 1, 1, &other,
	    FUTEX_OP(FUTEX_OP_OR, 1, FUTEX_OP_CMP_GT, 0));
	SAY(futex_time64, &word, FUTEX_WAKE_OP, 1, 1, &other,
	    FUTEX_OP(FUTEX_OP_ANDN, 4, FUTEX_OP_CMP_LE, 0));
	SAY(futex_time64, &word, FUTEX_WAKE_OP, 1, 1, &other,
	    FUTEX_OP(FUTEX_OP_XOR, 15, FUTEX_OP_CMP_NE, 0));
	line("  other %u", other);
	SAY(futex_time64, &word, FUTEX_WAKE_OP, 1, 1, &other, 7 << 28);
	SAY(futex_time64, &word, FUTEX_WAKE_OP, 1, 1, BAD_POINTER, 0);
	SAY(futex_time64, &word, 99, 0, 0, 0, 0);
	SAY(futex, &word, FUTEX_WAIT, 5, &moment32, 0, 0);
	SAY(futex, &word, FUTEX_WAIT, 5, &bad32, 0, 0);
	SAY(futex, &word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 6, &moment32, 0, 0);
	SAY(futex, &word, 99, 0, 0, 0, 0);
}

static void robust_lists(void)
{
	uint32_t head[3] = {(long)head, 0, 0}, *got = NULL, len = 0;

	SAY(set_robust_list, head, 12);
	SAY(set_robust_list, head, 24);
	SAY(set_robust_list, head, 11);
	SAY(get_robust_list, 0, &got, &len);
	line("  it: %s, %u", got == head ? "yes" : "no", len);
	SAY(get_robust_list, 0x3fffffff, &got, &len);
	SAY(get_robust_list, 0, BAD_POINTER, &len);
	SAY(get_robust_list, 0, &got, BAD_POINTER);
	SAY(set_robust_list, 0, 12);
}

/* A thread, or a process with this memory, that dies with a robust lock held. */
static int die_holding(void *arg)
{
	struct {
		void *next;
		long offset;
		void *pending;
	} *head = arg;
	struct {
		void *next;
		uint32_t word;
	} *lock = (void *)(head + 1);

	head->next = lock;
	head->offset = 4;
	head->pending = NULL;
	lock->next = head;
	lock->word = CALL(gettid) | FUTEX_WAITERS;
	CALL(set_robust_list, head, 12);
	return 0;
}

static void owners_that_die(void)
{
	uint32_t *shared = sys_mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	say_status("a process dies with a lock held", in_child(die_holding, shared));
	line("  word %x: died %d, waiters %d", shared[4] & 0x3fffffff,
	     (shared[4] & FUTEX_OWNER_DIED) != 0, (shared[4] & FUTEX_WAITERS) != 0);
	sys_munmap(shared, PAGE_SIZE);
}

int main(void)
{
	sys_pipe(ends);
	selects();
	polls();
	futexes();
	robust_lists();
	owners_that_die();
	return 0;
}
