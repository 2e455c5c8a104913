/* What the ABI tests share. */
#include "tests/abi/lib/abi.h"

const char *errno_name(int error)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {
		{EPERM, "EPERM"},
		{ENOENT, "ENOENT"},
		{ESRCH, "ESRCH"},
		{EINTR, "EINTR"},
		{EIO, "EIO"},
		{ENXIO, "ENXIO"},
		{E2BIG, "E2BIG"},
		{ENOEXEC, "ENOEXEC"},
		{EBADF, "EBADF"},
		{ECHILD, "ECHILD"},
		{EAGAIN, "EAGAIN"},
		{ENOMEM, "ENOMEM"},
		{EACCES, "EACCES"},
		{EFAULT, "EFAULT"},
		{EBUSY, "EBUSY"},
		{EEXIST, "EEXIST"},
		{ENODEV, "ENODEV"},
		{ENOTDIR, "ENOTDIR"},
		{EISDIR, "EISDIR"},
		{EINVAL, "EINVAL"},
		{EMFILE, "EMFILE"},
		{ENOTTY, "ENOTTY"},
		{ESPIPE, "ESPIPE"},
		{EROFS, "EROFS"},
		{EPIPE, "EPIPE"},
		{ENOSYS, "ENOSYS"},
		{EFBIG, "EFBIG"},
		{ENOSPC, "ENOSPC"},
		{ELOOP, "ELOOP"},
		{EOVERFLOW, "EOVERFLOW"},
		{ENAMETOOLONG, "ENAMETOOLONG"},
		{EOPNOTSUPP, "EOPNOTSUPP"},
		{ETXTBSY, "ETXTBSY"},
		{ENOSPC, "ENOSPC"},
		{EFBIG, "EFBIG"},
		{EXDEV, "EXDEV"},
		{ENOTEMPTY, "ENOTEMPTY"},
		{ERANGE, "ERANGE"},
		{ENOTBLK, "ENOTBLK"},
		{EDEADLK, "EDEADLK"},
		{ECANCELED, "ECANCELED"},
		{EAFNOSUPPORT, "EAFNOSUPPORT"},
		{EPROTONOSUPPORT, "EPROTONOSUPPORT"},
		{ENOTSOCK, "ENOTSOCK"},
		{ETIMEDOUT, "ETIMEDOUT"},
		{EOWNERDEAD, "EOWNERDEAD"},
		{ESTALE, "ESTALE"},
		{ENODATA, "ENODATA"},
	};
	static char number[16];

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].number == error)
			return names[i].name;
	snprintf(number, sizeof(number), "error %d", error);
	return number;
}

void say(const char *what, long ret)
{
	if (is_error(ret))
		line("%s: %s", what, errno_name(-ret));
	else
		line("%s: %ld", what, ret);
}

long say_ok(const char *what, long ret)
{
	line("%s: %s", what, is_error(ret) ? errno_name(-ret) : "ok");
	return ret;
}

void say_text(const char *what, const char *text)
{
	line("%s: %s", what, text);
}

void say_core(const char *what, const char *at, int pages)
{
	unsigned char vec[16];
	char text[sizeof(vec) + 1];
	long ret = syscall3(__NR_mincore, (long)at, pages * PAGE_SIZE, (long)vec);

	if (is_error(ret)) {
		say(what, ret);
		return;
	}
	for (int i = 0; i < pages; i++)
		text[i] = vec[i] & 1 ? '1' : '0';
	text[pages] = '\0';
	say_text(what, text);
}

void say_status(const char *what, int status)
{
	line("%s: %s", what, status_text(status));
}

int in_child(int (*action)(void *), void *arg)
{
	int status = 0, pid = sys_fork(), ret;

	if (pid == 0)
		sys_exit(action(arg));
	if (pid < 0) {
		line("fork: %s", errno_name(-pid));
		sys_exit(1);
	}
	ret = sys_wait4(pid, &status, 0, NULL);
	if (ret != pid) {
		line("wait4: %d", ret);
		sys_exit(1);
	}
	return status;
}

static int do_read(void *at)
{
	*(const volatile char *)at;
	return 0;
}

static int do_write(void *at)
{
	*(volatile char *)at = 'w';
	return 0;
}

static void say_access(const char *what, int status)
{
	line("%s: %s", what, status ? status_text(status) : "ok");
}

void say_read(const char *what, const volatile void *at)
{
	say_access(what, in_child(do_read, (void *)at));
}

void say_write(const char *what, volatile void *at)
{
	say_access(what, in_child(do_write, (void *)at));
}

int peek(const volatile void *at)
{
	unsigned char byte;
	int fds[2];
	long n = sys_pipe(fds);

	if (n < 0)
		return n;
	n = sys_write(fds[1], (const void *)at, 1);
	if (n == 1)
		n = sys_read(fds[0], &byte, 1) == 1 ? byte : -EIO;
	sys_close(fds[0]);
	sys_close(fds[1]);
	return n;
}

char *need_pages(size_t pages, int prot)
{
	char *p = sys_mmap(NULL, pages * PAGE_SIZE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (is_error_ptr(p)) {
		line("mmap of %zu pages: %s", pages, errno_name(-(long)p));
		sys_exit(1);
	}
	return p;
}
