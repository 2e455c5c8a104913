/* Policies, priorities, processors: what a machine with one of them says, and what it refuses. */
#include "tests/abi/lib/abi.h"

#include <linux/membarrier.h>
#include <linux/resource.h>
#include <linux/sched.h>

#define NOBODY 0x3fffffff /* no process has this number */

static void policies(void)
{
	int priority = 0;

	SAY(sched_getscheduler, 0);
	SAY(sched_getscheduler, -1);
	SAY(sched_getscheduler, NOBODY);
	SAY(sched_getparam, 0, &priority);
	line("priority %d", priority);
	SAY(sched_getparam, 0, 0);
	SAY(sched_getparam, 0, BAD_POINTER);
	SAY(sched_getparam, -1, &priority);
	SAY(sched_getparam, NOBODY, &priority);
	SAY(sched_setparam, 0, &priority);
	SAY(sched_setparam, 0, 0);
	SAY(sched_setparam, 0, BAD_POINTER);
	SAY(sched_setparam, -1, &priority);
	SAY(sched_setparam, NOBODY, &priority);
	SAY(sched_setscheduler, 0, SCHED_BATCH, &priority);
	SAY(sched_getscheduler, 0);
	SAY(sched_setscheduler, 0, SCHED_IDLE, &priority);
	SAY(sched_getscheduler, 0);
	SAY(sched_setparam, 0, &priority);
	SAY(sched_getscheduler, 0);
	SAY(sched_setscheduler, 0, SCHED_NORMAL | SCHED_RESET_ON_FORK, &priority);
	SAY(sched_getscheduler, 0);
	SAY(sched_setscheduler, 0, SCHED_NORMAL, &priority);
	SAY(sched_getscheduler, 0);
	SAY(sched_setscheduler, 0, 77, &priority);
	SAY(sched_setscheduler, 0, -1, &priority);
	SAY(sched_setscheduler, 0, SCHED_NORMAL, 0);
	SAY(sched_setscheduler, 0, SCHED_NORMAL, BAD_POINTER);
	SAY(sched_setscheduler, NOBODY, SCHED_NORMAL, &priority);
	priority = 5;
	SAY(sched_setscheduler, 0, SCHED_NORMAL, &priority);
	SAY(sched_setparam, 0, &priority);
	priority = 100;
	SAY(sched_setscheduler, 0, SCHED_FIFO, &priority);
	priority = 0;
	SAY(sched_setscheduler, 0, SCHED_RR, &priority);
	for (int policy = -1; policy < 7; policy++)
		line("policy %d: %ld to %ld", policy, CALL(sched_get_priority_min, policy),
		     CALL(sched_get_priority_max, policy));
}

static void round_robin(void)
{
	struct timespec t = {-1, -1};
	struct __kernel_timespec t64 = {-1, -1};

	SAY(sched_rr_get_interval, 0, &t);
	line("a slice is there: %s", t.tv_sec >= 0 && t.tv_nsec >= 0 ? "yes" : "no");
	SAY(sched_rr_get_interval_time64, 0, &t64);
	line("the same: %s", t.tv_nsec == t64.tv_nsec && t.tv_sec == t64.tv_sec ? "yes" : "no");
	SAY(sched_rr_get_interval, -1, &t);
	SAY(sched_rr_get_interval, NOBODY, &t);
	SAY(sched_rr_get_interval, 0, BAD_POINTER);
	SAY(sched_rr_get_interval_time64, 0, BAD_POINTER);
}

static int niceness(void *arg)
{
	(void)arg;
	SAY(getpriority, PRIO_PROCESS, 0);
	SAY(nice, 5);
	SAY(getpriority, PRIO_PROCESS, 0);
	SAY(setpriority, PRIO_PROCESS, 0, 100);
	SAY(getpriority, PRIO_PROCESS, 0);
	SAY(setpriority, PRIO_PROCESS, 0, -100);
	SAY(getpriority, PRIO_PROCESS, 0);
	SAY(nice, 1000);
	SAY(getpriority, PRIO_PROCESS, 0);
	SAY(setpriority, PRIO_PROCESS, 0, 3);
	SAY_OK(setsid);
	SAY(getpriority, PRIO_PGRP, 0);
	SAY(setpriority, PRIO_PGRP, 0, 4);
	SAY(getpriority, PRIO_PROCESS, 0);
	SAY(getpriority, PRIO_PGRP, NOBODY);
	SAY(setpriority, PRIO_PGRP, NOBODY, 1);
	SAY(getpriority, PRIO_PROCESS, NOBODY);
	SAY(setpriority, PRIO_PROCESS, NOBODY, 1);
	SAY(getpriority, PRIO_USER, 54321);
	SAY(setpriority, PRIO_USER, 54321, 1);
	SAY(getpriority, 3, 0);
	SAY(setpriority, -1, 0, 0);
	SAY(setuid32, 54321);
	SAY(getpriority, PRIO_USER, 0);
	SAY(setpriority, PRIO_USER, 0, 6);
	SAY(getpriority, PRIO_PROCESS, 0);
	SAY(setpriority, PRIO_PROCESS, 0, 5);
	SAY(nice, -1);
	SAY(nice, 2);
	SAY(getpriority, PRIO_PROCESS, 0);
	SAY(ioprio_get, 1, 0);
	return 0;
}

static int inherited(void *arg)
{
	(void)arg;
	SAY(getpriority, PRIO_PROCESS, 0);
	return 0;
}

static int niceness_of_children(void *arg)
{
	(void)arg;
	SAY(nice, 7);
	say_status("a child", in_child(inherited, NULL));
	return 0;
}

static void io_priorities(void)
{
	SAY(ioprio_get, 1, 0);
	SAY(ioprio_set, 1, 0, 2 << 13 | 6);
	SAY(ioprio_get, 1, 0);
	SAY(ioprio_set, 1, 0, 3 << 13);
	SAY(ioprio_get, 1, 0);
	SAY(ioprio_set, 1, 0, 0);
	SAY(ioprio_set, 1, 0, 7 << 13);
	SAY(ioprio_set, 1, 0, 1);
	SAY(ioprio_set, 9, 0, 0);
	SAY(ioprio_get, 9, 0);
	SAY(ioprio_get, 1, NOBODY);
	SAY(ioprio_set, 1, NOBODY, 0);
}

static void processors(void)
{
	unsigned mask[32] = {0}, cpu = 77, node = 77;

	/* how many there are differs: facts about the first one */
	line("getaffinity gives words: %s",
	     CALL(sched_getaffinity, 0, sizeof(mask), mask) % 4 == 0 ? "yes" : "no");
	line("the first is one of them: %s", mask[0] & 1 ? "yes" : "no");
	SAY(sched_getaffinity, 0, 3, mask);
	SAY(sched_getaffinity, 0, sizeof(mask), BAD_POINTER);
	SAY(sched_getaffinity, NOBODY, sizeof(mask), mask);
	memset(mask, 0, sizeof(mask));
	SAY(sched_setaffinity, 0, sizeof(mask), mask);
	mask[0] = 1;
	SAY(sched_setaffinity, 0, sizeof(mask), mask);
	SAY(sched_setaffinity, 0, 4, BAD_POINTER);
	SAY(sched_setaffinity, NOBODY, 4, mask);
	SAY(getcpu, &cpu, &node, 0);
	line("cpu %u node %u", cpu, node);
	SAY(getcpu, 0, 0, 0);
	SAY(getcpu, BAD_POINTER, 0, 0);
	SAY(getcpu, 0, BAD_POINTER, 0);
	SAY(sched_yield);
}

static void barriers(void)
{
	long can = CALL(membarrier, MEMBARRIER_CMD_QUERY, 0, 0);

	line("query: %s", can > 0 && (can & MEMBARRIER_CMD_PRIVATE_EXPEDITED) ? "yes" : "no");
	SAY(membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	SAY(membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
	SAY(membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	SAY(membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
	SAY(membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0);
	SAY(membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0);
	SAY(membarrier, 0x40000000, 0, 0);
	SAY(membarrier, MEMBARRIER_CMD_GLOBAL, 8, 0);
}

int main(void)
{
	CALL(setpriority, PRIO_PROCESS, 0, 0); /* whatever it was started with */
	policies();
	round_robin();
	say_status("niceness", in_child(niceness, NULL));
	say_status("inherited", in_child(niceness_of_children, NULL));
	io_priorities();
	processors();
	barriers();
	return 0;
}
