/*
 * Writing to a file of the root file system: by write, by a shared mapping, and seen through the
 * other.
 */
#include "tests/abi/lib/abi.h"

#define FILE_NAME "tests/data/scratch" /* 100 times 's' */

static int writes_through(void *arg)
{
	((volatile char *)arg)[3] = 'c';
	return 0;
}

int main(void)
{
	int fd = sys_open(FILE_NAME, O_RDWR, 0), again, torn;
	struct stat64 st;
	char text[64], *p, *private;

	if (fd < 0) {
		line("open to write: %s", errno_name(-fd));
		return 1;
	}
	say("write 4", sys_write(fd, "wxyz", 4));
	say("seek back", sys_lseek(fd, 0, 0));
	say("read 8", sys_read(fd, text, 8));
	line("'%.8s'", text);
	p = sys_mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	private = sys_mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (is_error_ptr(p) || is_error_ptr(private)) {
		line("mmap: %s", errno_name(-(long)p));
		return 1;
	}
	line("mapped '%.8s'", p);
	p[0] = 'M';
	sys_lseek(fd, 0, 0);
	sys_read(fd, text, 8);
	line("written through the mapping, read '%.8s', private '%.8s'", text, private);
	private[1] = 'P';
	in_child(writes_through, p);
	line("a child wrote: '%.8s', private '%.8s'", p, private);
	sys_lseek(fd, 5, 0);
	sys_write(fd, "55", 2);
	line("written by write: '%.8s', private '%.8s'", p, private);

	say("write at the end", sys_lseek(fd, 0, 2) >= 0 ? sys_write(fd, "end", 3) : -1);
	sys_fstat64(fd, &st);
	line("the size is %lld", (long long)st.st_size);
	line("the mapping shows it: '%.3s'", p + 100);
	say("write behind a gap", sys_lseek(fd, 9000, 0) >= 0 ? sys_write(fd, "gap", 3) : -1);
	sys_fstat64(fd, &st);
	line("the size is %lld", (long long)st.st_size);
	sys_lseek(fd, 5000, 0);
	sys_read(fd, text, 4);
	line("the gap is zero: %d %d %d %d", text[0], text[1], text[2], text[3]);

	again = sys_open(FILE_NAME, O_WRONLY | O_APPEND, 0);
	say("append", sys_write(again, "app", 3));
	say("its offset", sys_lseek(again, 0, 1));
	say("read of what is opened for writing", sys_read(again, text, 1));
	say("write from a bad address", sys_write(fd, (void *)0xfffff000, 10));
	sys_fstat64(fd, &st);
	line("the size is %lld", (long long)st.st_size);
	torn = sys_open(FILE_NAME, O_RDWR | O_TRUNC, 0);
	say("truncated on open, read", sys_read(torn, text, 1));
	say_read("the mapping past the new end", p);
	return 0;
}
