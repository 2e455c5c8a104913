/* Jobs of pipes, files and terminals. */
#include "user/soak/soak.h"

#include <linux/stat.h>

/* --- pipes --- */

#define WRITERS  3u
#define MESSAGES 60u

struct message { /* at most PIPE_BUF, so that none is torn */
	uint32_t len, number;
	unsigned char bytes[1000];
};

static int ends[2];

static void write_messages(uint32_t writer)
{
	static struct message m;

	sys_close(ends[0]);
	for (uint32_t i = 0; i < MESSAGES; i++) {
		m.len = 8 + below(sizeof(m.bytes));
		m.number = writer * MESSAGES + i;
		make_bytes(m.bytes, m.len - 8, m.number);
		FAIL_UNLESS(NEED(sys_write(ends[1], &m, m.len)) == (long)m.len, i);
		count(PIPE_BYTES, m.len);
	}
	sys_exit(0);
}

static void read_all(void *to, uint32_t len)
{
	for (uint32_t done = 0; done < len;) {
		long n = NEED(sys_read(ends[0], (char *)to + done, len - done));

		if (n == 0 && was_short()) /* a writer has given up */
			sys_exit(GAVE_UP);
		FAIL_UNLESS(n > 0, n);
		done += n;
	}
}

void job_pipes(void)
{
	static struct message m;
	uint32_t seen[WRITERS] = {0};
	int pids[WRITERS];
	char more;

	NEED(sys_pipe(ends));
	for (uint32_t i = 0; i < WRITERS; i++)
		pids[i] = start_child(write_messages, i);
	sys_close(ends[1]);
	for (uint32_t i = 0; i < WRITERS * MESSAGES; i++) {
		read_all(&m, 8);
		FAIL_UNLESS(m.len >= 8 && m.len - 8 <= sizeof(m.bytes), m.len);
		read_all(m.bytes, m.len - 8);
		FAIL_UNLESS(m.number < WRITERS * MESSAGES, m.number);
		/* each writer's in its order */
		FAIL_UNLESS(m.number % MESSAGES == seen[m.number / MESSAGES]++, m.number);
		FAIL_UNLESS(are_bytes(m.bytes, m.len - 8, m.number), m.number);
	}
	FAIL_UNLESS(sys_read(ends[0], &more, 1) == 0, more);
	for (uint32_t i = 0; i < WRITERS; i++)
		wait_for_child(pids[i], 0);
}

/* --- files --- */

#define PIECE 3000u

static char folder[32];

static const char *name(const char *which)
{
	static char names[2][64];
	static uint32_t turn;

	turn ^= 1;
	snprintf(names[turn], sizeof(names[0]), "%s/%s", folder, which);
	return names[turn];
}

/* The names in the folder, without "." and "..". */
static uint32_t nr_names(void)
{
	int fd = NEED(sys_open(folder, O_RDONLY | O_DIRECTORY, 0));
	static unsigned char entries[2048];
	uint32_t nr = 0;
	long len;

	while ((len = NEED(sys_getdents64(fd, entries, sizeof(entries)))) > 0)
		for (long at = 0; at < len; at += entries[at + 16] | entries[at + 17] << 8)
			nr++;
	sys_close(fd);
	return nr - 2;
}

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "/soak/%d", sys_getpid());
	NEED(sys_mkdir(folder, 0700));
}

static void remove_folder(void)
{
	FAIL_UNLESS(nr_names() == 0, nr_names());
	NEED(syscall1(__NR_rmdir, (long)folder));
}

static void write_pieces(int fd, uint32_t nr)
{
	static unsigned char piece[PIECE];

	for (uint32_t i = 0; i < nr; i++) {
		make_bytes(piece, PIECE, i);
		FAIL_UNLESS(NEED(sys_write(fd, piece, PIECE)) == PIECE, i);
	}
	count(FILE_BYTES, nr * PIECE);
}

static void read_pieces(const char *path, uint32_t nr)
{
	int fd = NEED(sys_open(path, O_RDONLY, 0));
	static unsigned char piece[PIECE];

	for (uint32_t i = 0; i < nr; i++) {
		FAIL_UNLESS(NEED(sys_read(fd, piece, PIECE)) == PIECE, i);
		FAIL_UNLESS(are_bytes(piece, PIECE, i), i);
	}
	FAIL_UNLESS(NEED(sys_read(fd, piece, 1)) == 0, nr);
	sys_close(fd);
}

void job_files(void)
{
	uint32_t pieces = 1 + below(40), kept = below(pieces + 1);
	struct stat64 st;
	int fd;

	make_folder();
	fd = NEED(sys_open(name("a"), O_RDWR | O_CREAT | O_EXCL, 0600));
	write_pieces(fd, pieces);
	read_pieces(name("a"), pieces);
	NEED(syscall2(__NR_link, (long)name("a"), (long)name("b")));
	NEED(syscall2(__NR_rename, (long)name("a"), (long)name("c")));
	FAIL_UNLESS(nr_names() == 2, nr_names());
	NEED(syscall2(__NR_ftruncate, fd, kept * PIECE));
	read_pieces(name("b"), kept);
	NEED(sys_fstat64(fd, &st));
	FAIL_UNLESS(st.st_nlink == 2 && st.st_size == (long long)kept * PIECE, st.st_size);
	NEED(syscall1(__NR_unlink, (long)name("b")));
	NEED(syscall1(__NR_unlink, (long)name("c")));
	/* without a name it is still there */
	FAIL_UNLESS(NEED(sys_lseek(fd, 0, 2)) == (long)(kept * PIECE), kept);
	write_pieces(fd, 1);
	sys_close(fd);
	remove_folder();
}

/* What a mapping writes a file has, and a private mapping keeps to itself. */
void job_mapped_file(void)
{
	uint32_t pages = 1 + below(16);
	unsigned char *shared, *own;
	int fd;

	make_folder();
	fd = NEED(sys_open(name("m"), O_RDWR | O_CREAT, 0600));
	NEED(syscall1(__NR_unlink, (long)name("m")));
	NEED(syscall2(__NR_ftruncate, fd, pages * PAGE_SIZE));
	shared = (void *)NEED(sys_mmap(NULL, pages * PAGE_SIZE, RW, MAP_SHARED, fd, 0));
	own = (void *)NEED(sys_mmap(NULL, pages * PAGE_SIZE, RW, MAP_PRIVATE, fd, 0));
	for (uint32_t i = 0; i < pages; i++) {
		make_bytes(shared + i * PAGE_SIZE, PAGE_SIZE, i);
		FAIL_UNLESS(are_bytes(own + i * PAGE_SIZE, PAGE_SIZE, i), i);
		make_bytes(own + i * PAGE_SIZE, PAGE_SIZE, i + 1000);
	}
	count(MAPPINGS, 2);
	for (uint32_t i = 0; i < pages; i++) {
		static unsigned char page[PAGE_SIZE];

		FAIL_UNLESS(NEED(sys_read(fd, page, PAGE_SIZE)) == (long)PAGE_SIZE, i);
		FAIL_UNLESS(are_bytes(page, PAGE_SIZE, i), i);
		FAIL_UNLESS(are_bytes(own + i * PAGE_SIZE, PAGE_SIZE, i + 1000), i);
	}
	sys_close(fd);
	remove_folder();
}

/* --- the screen --- */

void job_terminal(void)
{
	int fd = sys_open("/dev/tty1", O_WRONLY | O_NOCTTY, 0);
	char line[128];

	if (fd < 0) /* a machine without a screen */
		return;
	for (uint32_t i = 0; i < 30; i++) {
		int len = snprintf(line, sizeof(line), "\033[%u;%uH\033[3%um%d\033[K\033[m\n",
				   1 + below(30), 1 + below(90), below(8), sys_getpid());

		FAIL_UNLESS(NEED(sys_write(fd, line, len)) == len, len);
	}
	sys_close(fd);
}
