/*
 * load SEED WORKERS FILE: processes and threads that map, touch, protect, move, share, fork and unmap memory of every
 * kind at random, until they are killed. Each thread has regions of its own, so that none touches what another has
 * taken away; what fork, file and shared memory make common is common all the same.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE      4096
#define REGIONS   12
#define MAX_PAGES 48
#define THREADS   3

struct region {
	volatile char *at; /* NULL: none */
	int pages, prot;
};
struct work {
	unsigned int seed;
	struct region regions[REGIONS];
};

static const char *file_name;
static int file_pages;

static unsigned int any(struct work *w, unsigned int below)
{
	w->seed = w->seed * 1664525 + 1013904223;
	return (w->seed >> 8) % below;
}

static char *map_shm(int pages)
{
	int id = shmget(IPC_PRIVATE, pages * PAGE, 0600 | IPC_CREAT);
	char *at = id < 0 ? MAP_FAILED : shmat(id, NULL, 0);

	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	return at == (char *)-1 ? MAP_FAILED : at;
}

static char *map_memfd(int pages)
{
	int fd = memfd_create("load", 0);
	char *at = MAP_FAILED;

	if (fd >= 0 && !ftruncate(fd, pages * PAGE))
		at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	return at;
}

static char *map_file(struct work *w, int pages, int flags)
{
	int fd = open(file_name, O_RDWR);
	int first = any(w, file_pages - pages + 1);
	char *at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, fd, first * PAGE);

	close(fd);
	return at;
}

static void map(struct work *w, struct region *r)
{
	char *at;

	r->pages = 1 + any(w, MAX_PAGES);
	r->prot = PROT_READ | PROT_WRITE;
	switch (any(w, 6)) {
	case 0:
		at = map_shm(r->pages);
		break;
	case 1:
		at = map_memfd(r->pages);
		break;
	case 2:
		at = map_file(w, r->pages, MAP_PRIVATE);
		break;
	case 3:
		at = map_file(w, r->pages, MAP_SHARED);
		break;
	case 4:
		at = mmap(NULL, r->pages * PAGE, r->prot, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		break;
	default:
		at = mmap(NULL, r->pages * PAGE, r->prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
	r->at = at == MAP_FAILED ? NULL : at;
}

static void touch(struct work *w, struct region *r)
{
	int n = 1 + any(w, r->pages), write = any(w, 2);

	for (; n; n--) {
		volatile char *c = r->at + any(w, r->pages) * PAGE;

		if (write && (r->prot & PROT_WRITE))
			*c = (char)n;
		else if (r->prot & PROT_READ)
			(void)*c;
	}
}

static void protect(struct work *w, struct region *r)
{
	static const int prots[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
				    PROT_READ | PROT_WRITE};

	r->prot = prots[any(w, 4)];
	mprotect((void *)r->at, r->pages * PAGE, r->prot);
}

static void unmap(struct work *w, struct region *r)
{
	int keep = any(w, 3) ? 0 : any(w, r->pages);

	munmap((void *)(r->at + keep * PAGE), (r->pages - keep) * PAGE);
	r->pages = keep;
	if (!keep)
		r->at = NULL;
}

static void move(struct region *r)
{
	size_t len = r->pages * PAGE;
	char *room = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *at = mremap((void *)r->at, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, room);

	if (at != MAP_FAILED)
		r->at = at;
	else
		munmap(room, len);
}

static int deep(int depth)
{
	volatile char frame[2000];

	frame[0] = (char)depth;
	return depth ? deep(depth - 1) + frame[0] : 0;
}

static void some_work(struct work *w, int n, int may_fork);

static void spawn(struct work *w)
{
	pid_t pid = fork();

	if (!pid) {
		w->seed += getpid();
		some_work(w, 60, 0);
		_exit(0);
	}
	some_work(w, 20, 0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void some_work(struct work *w, int n, int may_fork)
{
	for (; n; n--) {
		struct region *r = &w->regions[any(w, REGIONS)];

		if (!r->at) {
			map(w, r);
			continue;
		}
		switch (any(w, 12)) {
		case 0:
			unmap(w, r);
			break;
		case 1:
			protect(w, r);
			break;
		case 2:
			move(r);
			break;
		case 3:
			madvise((void *)r->at, r->pages * PAGE, MADV_DONTNEED);
			break;
		case 4:
			deep(any(w, 20));
			break;
		case 5:
			if (may_fork)
				spawn(w);
			break;
		default:
			touch(w, r);
		}
	}
}

static void *work(void *arg)
{
	struct work *w = arg;

	for (;;) {
		some_work(w, 50, 1);
		usleep(any(w, 3000));
	}
	return NULL;
}

static void worker(unsigned int seed, int nr_threads)
{
	static struct work works[THREADS];
	pthread_t thread;

	for (int i = 0; i < nr_threads; i++)
		works[i].seed = seed * THREADS + i;
	for (int i = 1; i < nr_threads; i++)
		pthread_create(&thread, NULL, work, &works[i]);
	work(&works[0]);
}

int main(int argc, char **argv)
{
	unsigned int seed = argc > 3 ? strtoul(argv[1], NULL, 0) : 0;
	int workers = argc > 3 ? atoi(argv[2]) : 0;

	if (argc < 4)
		return 2;
	file_name = argv[3];
	file_pages = lseek(open(file_name, O_RDONLY), 0, SEEK_END) / PAGE;
	if (file_pages < MAX_PAGES)
		return 2;
	for (int i = 0; i < workers; i++)
		if (!fork())
			worker(seed + i, i % 2 ? THREADS : 1);
	for (;;)
		pause();
}
