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

/* Linux writes the descriptors' numbers before it looks at the family. */
static long no_pair(vaddr_t fds)
{
	u32 numbers[2];

	if (copy_from_user(numbers, uptr(fds), sizeof(numbers)) ||
	    copy_to_user(uptr(fds), numbers, sizeof(numbers)))
		return -EFAULT;
	return -EAFNOSUPPORT;
}

SYSCALL_DEFINE4(socketpair, s32, family, s32, type, s32, protocol, vaddr_t, fds)
{
	(void)family;
	(void)type;
	(void)protocol;
	return no_pair(fds);
}

/* The multiplexer of old. All but the two calls that make sockets name one by its descriptor. */
SYSCALL_DEFINE2(socketcall, u32, call, vaddr_t, args)
{
	static const u8 nr_args[] = {0, 3, 3, 3, 2, 3, 3, 3, 4, 4, 4, 6, 6, 2, 5, 5, 3, 3, 4, 5, 4};
	u32 a[6];

	static_assert(ARRAY_SIZE(nr_args) == SYS_SENDMMSG + 1, "one for each call");
	if (call < SYS_SOCKET || call > SYS_SENDMMSG)
		return -EINVAL;
	if (copy_from_user(a, uptr(args), nr_args[call] * sizeof(a[0])))
		return -EFAULT;
	if (call == SYS_SOCKET)
		return -EAFNOSUPPORT;
	if (call == SYS_SOCKETPAIR)
		return no_pair(a[3]);
	return fd_file(a[0]) ? -ENOTSOCK : -EBADF;
}
