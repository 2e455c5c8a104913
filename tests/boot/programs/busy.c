/*
 * busy: uses a little of everything that takes memory from the kernel, for failures.c. Whatever is refused ends it with
 * the number of the step, so a run that is told of no failure ends with 0.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define LEN  (16 * PAGE)
#define MIB  (1024 * 1024)

static volatile char sink;

static void step(int number, int good)
{
	if (!good)
		_exit(number);
}

static char *map(size_t len, int prot, int flags)
{
	char *p = mmap(NULL, len, prot, flags | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int wait_for(pid_t child)
{
	int status = -1;

	while (waitpid(child, &status, 0) < 0)
		;
	return status;
}

/* Read, written, cut by mprotect, moved by mremap, dropped by madvise. */
static void anonymous(void)
{
	char *p = map(LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE), *q;

	step(10, p != NULL);
	sink = p[3 * PAGE];
	memset(p, 1, 4 * PAGE);
	step(11, !mprotect(p + PAGE, PAGE, PROT_READ));
	step(12, !madvise(p + 2 * PAGE, PAGE, MADV_DONTNEED));
	q = mremap(p + 8 * PAGE, PAGE, 2 * MIB, MREMAP_MAYMOVE);
	step(13, q != MAP_FAILED);
	q[MIB] = 1;
	step(14, !munmap(q, 2 * MIB));
	step(15, sbrk(3 * PAGE) != (void *)-1);
	memset((char *)sbrk(0) - 3 * PAGE, 2, 3 * PAGE);
	step(16, sbrk(-3 * PAGE) != (void *)-1);
}

/* A child that shares, copies, and sends through a pipe more than one page. */
static void processes(void)
{
	static char text[2 * PAGE];
	char *shared = map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	char *private = map(LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	int fds[2], status;
	ssize_t n, got = 0;
	pid_t child;

	step(20, shared && private && !pipe(fds));
	memset(private, 3, LEN);
	child = fork();
	step(21, child >= 0);
	if (child == 0) {
		shared[0] = 4;
		private[0] = 5;
		_exit(write(fds[1], text, sizeof(text)) == sizeof(text) ? 0 : 1);
	}
	close(fds[1]);
	while ((n = read(fds[0], text, sizeof(text))) > 0)
		got += n;
	status = wait_for(child);
	step(22, status == 0 && got == sizeof(text) && shared[0] == 4 && private[0] == 3);
	private[0] = 6;
	close(fds[0]);
}

/* Its own file, mapped and read; a new file, written, mapped, cut and deleted. */
static void files(const char *own_path)
{
	struct stat st;
	char block[PAGE];
	char *p;
	int fd = open(own_path, O_RDONLY);

	step(30, fd >= 0 && !fstat(fd, &st));
	p = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	step(31, p != MAP_FAILED);
	sink = p[st.st_size - 1];
	p[0] = 7;
	step(32, read(fd, block, sizeof(block)) == sizeof(block));
	close(fd);
	memset(block, 8, sizeof(block));
	fd = open("/busy", O_RDWR | O_CREAT | O_TRUNC, 0600);
	step(33, fd >= 0);
	while (unlink("/busy")) /* it would be left behind */
		;
	for (int i = 0; i < 3; i++)
		step(34, write(fd, block, sizeof(block)) == sizeof(block));
	p = mmap(NULL, sizeof(block), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 2 * PAGE);
	step(35, p != MAP_FAILED);
	p[1] = 9;
	step(36, !ftruncate(fd, PAGE));
}

static volatile sig_atomic_t caught;

static void on_signal(int signo)
{
	caught = signo;
}

static void *thread(void *arg)
{
	*(volatile int *)arg = 10;
	return arg;
}

/* A handler, a thread, memory without a name, and memory with a number. */
static void newer(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	volatile int written = 0;
	pthread_t id;
	void *p;
	int fd, shm;

	step(50, !sigaction(SIGUSR1, &action, NULL) && !raise(SIGUSR1) && caught == SIGUSR1);
	step(51, !pthread_create(&id, NULL, thread, (void *)&written));
	step(52, !pthread_join(id, &p) && p == &written && written == 10);
	fd = memfd_create("busy", MFD_CLOEXEC);
	step(53, fd >= 0 && !ftruncate(fd, LEN));
	p = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	step(54, p != MAP_FAILED);
	*(volatile char *)p = 11;
	shm = shmget(IPC_PRIVATE, LEN, IPC_CREAT | 0600);
	step(55, shm >= 0);
	p = shmat(shm, NULL, 0);
	while (shmctl(shm, IPC_RMID, NULL)) /* it would be left behind */
		;
	step(56, p != (void *)-1);
	*(volatile char *)p = 12;
	step(57, !shmdt(p));
}

int main(int argc, char **argv)
{
	volatile double x = argc;

	if (argc > 1) /* started by itself */
		return argv[1][0] == 'x' ? 0 : 40;
	x = x * 1.5 + 1; /* the FPU's state */
	anonymous();
	processes();
	files(argv[0]);
	newer();
	execl(argv[0], argv[0], "x", NULL);
	return 41;
}
