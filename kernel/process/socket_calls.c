/* There is no network: each way to make a socket says that its family is not supported. */
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include <linux/net.h>

SYSCALL_DEFINE3(socket, s32, family, s32, type, s32, protocol)
{
	(void)family;
	(void)type;
	(void)protocol;
	return -EAFNOSUPPORT;
}

SYSCALL_DEFINE4(socketpair, s32, family, s32, type, s32, protocol, vaddr_t, fds)
{
	(void)family;
	(void)type;
	(void)protocol;
	(void)fds;
	return -EAFNOSUPPORT;
}

/* The multiplexer of old. All but the two calls that make sockets name one by its descriptor. */
SYSCALL_DEFINE2(socketcall, u32, call, vaddr_t, args)
{
	u32 fd;

	if (call < SYS_SOCKET || call > SYS_SENDMMSG)
		return -EINVAL;
	if (get_user_u32(&fd, uptr(args)))
		return -EFAULT;
	if (call == SYS_SOCKET || call == SYS_SOCKETPAIR)
		return -EAFNOSUPPORT;
	return fd_file(fd) ? -ENOTSOCK : -EBADF;
}
