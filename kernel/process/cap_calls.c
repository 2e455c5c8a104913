/*
 * Capabilities: three sets for each process, which follow Linux's rules. Nothing asks them for permission, but programs read
 * them, and give them up.
 */
#include "kernel/process/capability.h"
#include "kernel/process/syscall.h"
#include "kernel/process/task.h"
#include <linux/capability.h>

#define SETS_V1 _LINUX_CAPABILITY_U32S_1
#define SETS_V3 _LINUX_CAPABILITY_U32S_3

void capabilities_full(struct credentials *c)
{
	c->cap_permitted = c->cap_effective = ALL_CAPABILITIES;
}

void capabilities_at_exec(struct credentials *c)
{
	c->cap_permitted = !c->uid || !c->euid ? ALL_CAPABILITIES : 0;
	c->cap_effective = c->euid ? 0 : c->cap_permitted;
}

void capabilities_after_setuid(struct credentials *c, bool had_root, u32 old_euid)
{
	if (had_root && c->uid && c->euid && c->suid && !c->keep_caps)
		c->cap_permitted = c->cap_effective = 0;
	else if (!old_euid && c->euid)
		c->cap_effective = 0;
	else if (old_euid && !c->euid)
		c->cap_effective = c->cap_permitted;
}

/* How many words a set has in the program's structure, or a negative errno; what version it may ask for instead is said. */
static int read_header(vaddr_t user, struct __user_cap_header_struct *header)
{
	if (copy_from_user(header, uptr(user), sizeof(*header)))
		return -EFAULT;
	switch (header->version) {
	case _LINUX_CAPABILITY_VERSION_1:
		return SETS_V1;
	case _LINUX_CAPABILITY_VERSION_2:
	case _LINUX_CAPABILITY_VERSION_3:
		return SETS_V3;
	}
	if (put_user_u32(uptr(user), _LINUX_CAPABILITY_VERSION_3))
		return -EFAULT;
	return -EINVAL;
}

SYSCALL_DEFINE2(capget, vaddr_t, user_header, vaddr_t, user_data)
{
	struct __user_cap_data_struct data[SETS_V3];
	struct __user_cap_header_struct header;
	int words = read_header(user_header, &header);
	const struct credentials *c;
	struct task *t;

	if (words < 0)
		return !user_data && words == -EINVAL ? 0
						      : words; /* who only asks for the version */
	if (header.pid < 0)
		return -EINVAL;
	t = header.pid ? task_find((u32)header.pid) : current_task();
	if (!t)
		return -ESRCH;
	c = &t->group->ids;
	for (int i = 0; i < SETS_V3; i++)
		data[i] = (struct __user_cap_data_struct){
			.effective = (u32)(c->cap_effective >> (32 * i)),
			.permitted = (u32)(c->cap_permitted >> (32 * i)),
			.inheritable = (u32)(c->cap_inheritable >> (32 * i)),
		};
	if (!user_data)
		return 0;
	return copy_to_user(uptr(user_data), data, (u32)words * sizeof(data[0])) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(capset, vaddr_t, user_header, vaddr_t, user_data)
{
	struct __user_cap_data_struct data[SETS_V3] = {{0}};
	struct __user_cap_header_struct header;
	int words = read_header(user_header, &header);
	struct credentials *c = &current_task()->group->ids;
	u64 effective = 0, permitted = 0, inheritable = 0;

	if (words < 0)
		return words;
	if (header.pid && (u32)header.pid != current_task()->pid)
		return -EPERM;
	if (copy_from_user(data, uptr(user_data), (u32)words * sizeof(data[0])))
		return -EFAULT;
	for (int i = 0; i < SETS_V3; i++) {
		effective |= (u64)data[i].effective << (32 * i);
		permitted |= (u64)data[i].permitted << (32 * i);
		inheritable |= (u64)data[i].inheritable << (32 * i);
	}
	effective &= ALL_CAPABILITIES;
	permitted &= ALL_CAPABILITIES;
	inheritable &= ALL_CAPABILITIES;
	if ((permitted & ~c->cap_permitted) || (effective & ~permitted) ||
	    (!(c->cap_effective & (1ull << CAP_SETPCAP)) &&
	     (inheritable & ~(c->cap_inheritable | c->cap_permitted))))
		return -EPERM;
	c->cap_effective = effective;
	c->cap_permitted = permitted;
	c->cap_inheritable = inheritable;
	return 0;
}
