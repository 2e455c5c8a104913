/*
 * A mixed load for a long time: processes, programs, pipes, mappings, copy-on-write, shared memory, files,
 * signals, timers, threads, the screen, and now and then no memory.
 *
 *	soak [SEED [SECONDS [PROCESSES]]]
 *
 * Each job looks itself whether all is as it must be: sums, orders, contents. This process keeps so many
 * of them running, says each minute how many of what were done, and looks for what must not happen: a
 * job that found something wrong, one that does not end, a structure of the kernel that is not whole, and
 * anything left over at the end. The seed gives the same jobs in the same order.
 */
#include "user/soak/soak.h"
#include "user/lib/machine.h"
#include "user/lib/proc.h"

#define MAX_JOBS    16u
#define TICK_MS     10u
#define JOB_SECONDS 60u /* far more than a job takes */

static const struct job {
	const char *name;
	void (*run)(void);
	uint32_t rarely;
} jobs[] = {
	{"forks", job_forks, 1},       {"vforks", job_vforks, 1},
	{"mappings", job_mappings, 1}, {"shared", job_shared, 1},
	{"segment", job_segment, 1},   {"pipes", job_pipes, 1},
	{"files", job_files, 1},       {"mapped-file", job_mapped_file, 1},
	{"terminal", job_terminal, 4}, {"signals", job_signals, 1},
	{"stops", job_stops, 1},       {"timers", job_timers, 2},
	{"threads", job_threads, 1},   {"eater", job_eater, 100},
};

/* Shared by all. */
static struct {
	volatile uint32_t counters[NR_COUNTERS];
	volatile uint32_t eating, meals; /* jobs that take all memory: now, and in all */
} * shared;

static uint32_t meals_before; /* this job */
static const struct job *this_job;

static struct running {
	int pid;
	const struct job *job;
	uint32_t ms;
	uint32_t meals; /* before it */
} running[MAX_JOBS];

static struct {
	uint32_t jobs, given_up;
	bool failed;
} totals;

/* --- for the jobs --- */

void count(enum counter which, uint32_t n)
{
	asm volatile("lock addl %1, %0" : "+m"(shared->counters[which]) : "r"(n));
}

bool was_short(void)
{
	return shared->eating || shared->meals != meals_before;
}

void went_wrong(const char *what, int line, long value)
{
	printf("soak: FAILED: %s, line %d: %s, value %ld\n", this_job->name, line, what, value);
	for (;;)
		syscall1(__NR_exit_group, WENT_WRONG);
}

int start_child(void (*work)(uint32_t argument), uint32_t argument)
{
	int pid = NEED(sys_fork());

	if (pid == 0)
		work(argument);
	count(FORKS, 1);
	return pid;
}

void wait_for_child(int pid, int expected_status)
{
	int status, ret;

	do
		ret = sys_wait4(pid, &status, 0, NULL);
	while (ret == -EINTR);
	FAIL_UNLESS(ret == pid, ret);
	if (status == expected_status)
		return;
	if (status == GAVE_UP << 8 || (status == SIGKILL && was_short()))
		syscall1(__NR_exit_group, GAVE_UP);
	if (status == WENT_WRONG << 8) /* it has said why */
		syscall1(__NR_exit_group, WENT_WRONG);
	went_wrong("status == expected_status", __LINE__, status);
}

void *need_memory(uint32_t pages, int flags)
{
	return (void *)NEED(sys_mmap(NULL, pages * PAGE_SIZE, RW, flags | MAP_ANONYMOUS, -1, 0));
}

static unsigned char byte_at(uint32_t number, uint32_t i)
{
	return (number * 0x9e3779b1u >> 16) + i * 37 + (i >> 8);
}

void make_bytes(void *to, uint32_t len, uint32_t number)
{
	for (uint32_t i = 0; i < len; i++)
		((unsigned char *)to)[i] = byte_at(number, i);
}

bool are_bytes(const void *at, uint32_t len, uint32_t number)
{
	for (uint32_t i = 0; i < len; i++)
		if (((const unsigned char *)at)[i] != byte_at(number, i))
			return false;
	return true;
}

/* --- jobs, started and ended --- */

static void start_job(struct running *r, const struct job *job, uint32_t seed)
{
	int pid;

	if (job->run == job_eater)
		shared->eating = 1;
	pid = sys_fork();
	if (pid == 0) {
		sys_setpgid(0, 0);
		random_seed(seed);
		meals_before = shared->meals;
		this_job = job;
		job->run();
		sys_exit(0);
	}
	if (pid > 0)
		*r = (struct running){.pid = pid, .job = job, .meals = shared->meals};
	else if (job->run == job_eater)
		shared->eating = 0;
}

static void end_job(struct running *r, int status)
{
	bool gave_up = status == GAVE_UP << 8 ||
		       (status == SIGKILL && (shared->eating || shared->meals != r->meals));

	/* what it left, if it gave up */
	sys_kill(-r->pid, SIGKILL);
	r->pid = 0;
	totals.jobs++;
	totals.given_up += gave_up;
	if (r->job->run == job_eater) {
		shared->meals++;
		shared->eating = 0;
	}
	if (!status || gave_up)
		return;
	printf("soak: FAILED: job %s: %s\n", r->job->name, status_text(status));
	totals.failed = true;
}

static uint32_t reap(void)
{
	uint32_t nr = 0;
	int status, pid;

	while ((pid = sys_wait4(-1, &status, WNOHANG, NULL)) > 0)
		for (uint32_t i = 0; i < MAX_JOBS; i++)
			if (running[i].pid == pid)
				end_job(&running[i], status);
	for (uint32_t i = 0; i < MAX_JOBS; i++)
		nr += running[i].pid != 0;
	return nr;
}

/* A job that does not end is shown, and ended. */
static void watch(struct running *r)
{
	static char text[1024];
	char name[32];

	r->ms += TICK_MS;
	if (r->ms != JOB_SECONDS * 1000)
		return;
	printf("soak: FAILED: job %s does not end\n", r->job->name);
	snprintf(name, sizeof(name), "/proc/%d/status", r->pid);
	if (read_file(name, text, sizeof(text)) > 0)
		printf("%s\n", text);
	totals.failed = true;
	sys_kill(-r->pid, SIGKILL);
	sys_kill(r->pid, SIGKILL);
}

static void tick(void)
{
	const struct timespec t = {.tv_nsec = TICK_MS * 1000 * 1000};

	sys_nanosleep(&t, NULL);
	for (uint32_t i = 0; i < MAX_JOBS; i++)
		if (running[i].pid)
			watch(&running[i]);
}

static uint32_t seconds(void)
{
	struct timespec now;

	syscall2(__NR_clock_gettime, CLOCK_MONOTONIC, (long)&now);
	return now.tv_sec;
}

static void say(uint32_t minute, const uint32_t *last)
{
	static const char *const names[NR_COUNTERS] = {
		"forks",      "execs",   "pipe bytes", "mappings", "pages copied",
		"file bytes", "signals", "threads",    "sleeps",   "victims"};

	printf("soak: minute %u: %u jobs, a second:", minute, totals.jobs);
	for (uint32_t i = 0; i < NR_COUNTERS; i++) {
		uint32_t done = shared->counters[i] - last[i];

		if (i == VICTIMS)
			printf(" %u %s, %u given up\n", shared->counters[i], names[i],
			       totals.given_up);
		else
			printf(" %u %s,", done / 60, names[i]);
	}
}

static const struct job *choose_job(void)
{
	const struct job *job;

	do
		job = &jobs[below(ARRAY_SIZE(jobs))];
	while (!one_in(job->rarely) || (job->run == job_eater && shared->eating));
	return job;
}

/* Each job once: what the kernel makes for the first and keeps is there then. */
static void warm_up(void)
{
	for (uint32_t i = 0; i < ARRAY_SIZE(jobs) && !totals.failed; i++) {
		start_job(&running[0], &jobs[i], i + 1);
		while (reap())
			tick();
	}
}

static void run(uint32_t until, uint32_t nr)
{
	uint32_t last[NR_COUNTERS] = {0}, minute = 0, start = seconds();

	while (!totals.failed && seconds() < until) {
		for (uint32_t i = 0; i < nr; i++)
			if (!running[i].pid)
				start_job(&running[i], choose_job(), random_word());
		tick();
		reap();
		if (seconds() - start >= (minute + 1) * 60) {
			say(++minute, last);
			for (uint32_t i = 0; i < NR_COUNTERS; i++)
				last[i] = shared->counters[i];
			if (!machine_check())
				totals.failed = true;
		}
	}
	while (reap())
		tick();
}

/* What jobs that gave up left behind is killed, and process 1 takes it away. */
static void wait_until_alone(void)
{
	struct pids pids;

	for (uint32_t i = 0; i < 10 * 1000 / TICK_MS; i++) {
		uint32_t nr = 0;

		for (int pid = pids_first(&pids); pid; pid = pids_next(&pids))
			if (pid != 1 && pid != sys_getpid()) {
				sys_kill(pid, SIGKILL);
				nr++;
			}
		if (!nr)
			return;
		tick();
	}
	printf("soak: FAILED: a process that was killed stays\n");
	totals.failed = true;
}

static int be_child(const char *word)
{
	return parse_number(word, NULL);
}

int main(int argc, char *argv[])
{
	uint32_t seed = argc > 1 ? parse_number(argv[1], NULL) : 1;
	uint32_t length = argc > 2 ? parse_number(argv[2], NULL) : 3600;
	uint32_t nr = argc > 3 ? parse_number(argv[3], NULL) : 6;
	static struct machine before, after;

	if (argc == 3 && !strcmp(argv[1], "child"))
		return be_child(argv[2]);
	if (!nr || nr > MAX_JOBS) {
		printf("usage: soak [SEED [SECONDS [PROCESSES (1-%u)]]]\n", MAX_JOBS);
		return 1;
	}
	shared = sys_mmap(NULL, PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (is_error_ptr(shared) || (sys_mkdir("/soak", 0755) && sys_access("/soak", 0)) ||
	    syscall5(__NR_mount, (long)"soak", (long)"/soak", (long)"tmpfs", 0, 0)) {
		printf("soak: no shared page or no /soak\n");
		return 1;
	}
	printf("soak: seed %u, %u seconds, %u jobs at a time\n", seed, length, nr);
	random_seed(seed);
	machine_read(&after);
	warm_up();
	machine_read(&before);
	run(seconds() + length, nr);
	wait_until_alone();
	machine_read(&after);
	if (!machine_is_same(&before, &after) || !machine_check())
		totals.failed = true;
	syscall1(__NR_umount, (long)"/soak");
	printf("soak: %u jobs, %u given up without memory, %s\n", totals.jobs, totals.given_up,
	       totals.failed ? "FAILED" : "all was right");
	return totals.failed;
}
