/*
 * Users and groups. The ids are kept for each process and answered, and setting them follows Linux's
 * rules. Whoever is not root is bound by limits on what it takes (limits.c); permission to do things
 * nobody asks for.
 */
#include "kernel/process/capability.h"
#include "kernel/process/syscall.h"
#include "kernel/process/task.h"
#include "lib/string.h"

#define KEEP 0xFFFFFFFFu

static struct credentials *own(void)
{
	return &current_task()->group->ids;
}

static bool is_privileged(void)
{
	return own()->euid == 0;
}

/* Limits bind who is not root. */
static long took_ids(struct credentials *c)
{
	c->fsuid = c->euid;
	limits_to_mm(current_task()->group, current->mm);
	return 0;
}

/* The calls of before 2.4 have 16 bits; a larger id shows as 65534. */
static u32 narrow(u32 id)
{
	return id > 0xFFFF ? 65534 : id;
}

static u32 wide(u16 id)
{
	return id == 0xFFFF ? KEEP : id;
}

static size_t put_narrow(vaddr_t to, u32 id)
{
	u16 narrowed = (u16)narrow(id);

	return copy_to_user(uptr(to), &narrowed, sizeof(narrowed));
}

/* ---- uid ---- */

SYSCALL_DEFINE0(getuid32)
{
	return (long)own()->uid;
}

SYSCALL_DEFINE0(geteuid32)
{
	return (long)own()->euid;
}

SYSCALL_DEFINE0(getuid)
{
	return narrow(own()->uid);
}

SYSCALL_DEFINE0(geteuid)
{
	return narrow(own()->euid);
}

static bool has_root(const struct credentials *c)
{
	return !c->uid || !c->euid || !c->suid;
}

/* Sets the three, and what follows from them. */
static long take_uids(u32 real, u32 effective, u32 saved)
{
	struct credentials *c = own();
	bool had_root = has_root(c);
	u32 old_euid = c->euid;

	c->uid = real;
	c->euid = effective;
	c->suid = saved;
	capabilities_after_setuid(c, had_root, old_euid);
	return took_ids(c);
}

static bool may_be_uid(u32 id)
{
	const struct credentials *c = own();

	return id == KEEP || id == c->uid || id == c->euid || id == c->suid || is_privileged();
}

static long set_uid(u32 id)
{
	const struct credentials *c = own();

	if (id == KEEP)
		return -EINVAL;
	if (!is_privileged() && id != c->uid && id != c->suid)
		return -EPERM;
	return is_privileged() ? take_uids(id, id, id) : take_uids(c->uid, id, c->suid);
}

static long set_reuid(u32 real, u32 effective)
{
	const struct credentials *c = own();
	u32 effective_after;
	bool follows;

	if (!is_privileged() &&
	    ((real != KEEP && real != c->uid && real != c->euid) || !may_be_uid(effective)))
		return -EPERM;
	effective_after = effective != KEEP ? effective : c->euid;
	/* The saved id follows when the real one is set, or the effective one to another than it. */
	follows = real != KEEP || (effective != KEEP && effective != c->uid);
	return take_uids(real != KEEP ? real : c->uid, effective_after,
			 follows ? effective_after : c->suid);
}

static long set_resuid(u32 real, u32 effective, u32 saved)
{
	const struct credentials *c = own();

	if (!may_be_uid(real) || !may_be_uid(effective) || !may_be_uid(saved))
		return -EPERM;
	return take_uids(real != KEEP ? real : c->uid, effective != KEEP ? effective : c->euid,
			 saved != KEEP ? saved : c->suid);
}

static long set_fsuid(u32 id)
{
	u32 before = own()->fsuid;

	if (id != KEEP && (may_be_uid(id) || id == before))
		own()->fsuid = id;
	return (long)before;
}

SYSCALL_DEFINE1(setuid32, u32, id)
{
	return set_uid(id);
}

SYSCALL_DEFINE1(setuid, u16, id)
{
	return set_uid(wide(id));
}

SYSCALL_DEFINE2(setreuid32, u32, real, u32, effective)
{
	return set_reuid(real, effective);
}

SYSCALL_DEFINE2(setreuid, u16, real, u16, effective)
{
	return set_reuid(wide(real), wide(effective));
}

SYSCALL_DEFINE3(setresuid32, u32, real, u32, effective, u32, saved)
{
	return set_resuid(real, effective, saved);
}

SYSCALL_DEFINE3(setresuid, u16, real, u16, effective, u16, saved)
{
	return set_resuid(wide(real), wide(effective), wide(saved));
}

SYSCALL_DEFINE1(setfsuid32, u32, id)
{
	return set_fsuid(id);
}

SYSCALL_DEFINE1(setfsuid, u16, id)
{
	return set_fsuid(wide(id)); /* all of it, as on Linux */
}

SYSCALL_DEFINE3(getresuid32, vaddr_t, real, vaddr_t, effective, vaddr_t, saved)
{
	const struct credentials *c = own();

	return put_user_u32(uptr(real), c->uid) || put_user_u32(uptr(effective), c->euid) ||
			       put_user_u32(uptr(saved), c->suid)
		       ? -EFAULT
		       : 0;
}

SYSCALL_DEFINE3(getresuid, vaddr_t, real, vaddr_t, effective, vaddr_t, saved)
{
	const struct credentials *c = own();

	return put_narrow(real, c->uid) || put_narrow(effective, c->euid) ||
			       put_narrow(saved, c->suid)
		       ? -EFAULT
		       : 0;
}

/* ---- gid ---- */

SYSCALL_DEFINE0(getgid32)
{
	return (long)own()->gid;
}

SYSCALL_DEFINE0(getegid32)
{
	return (long)own()->egid;
}

SYSCALL_DEFINE0(getgid)
{
	return narrow(own()->gid);
}

SYSCALL_DEFINE0(getegid)
{
	return narrow(own()->egid);
}

static bool may_be_gid(u32 id)
{
	const struct credentials *c = own();

	return id == KEEP || id == c->gid || id == c->egid || id == c->sgid || is_privileged();
}

static long set_gid(u32 id)
{
	struct credentials *c = own();

	if (id == KEEP)
		return -EINVAL;
	if (!is_privileged() && id != c->gid && id != c->sgid)
		return -EPERM;
	if (is_privileged())
		c->gid = c->sgid = id;
	c->egid = c->fsgid = id;
	return 0;
}

static long set_regid(u32 real, u32 effective)
{
	struct credentials *c = own();

	if (!is_privileged() &&
	    ((real != KEEP && real != c->gid && real != c->egid) || !may_be_gid(effective)))
		return -EPERM;
	/* The saved id follows when the real one is set, or the effective one to another than it. */
	if (real != KEEP || (effective != KEEP && effective != c->gid))
		c->sgid = effective != KEEP ? effective : c->egid;
	if (real != KEEP)
		c->gid = real;
	if (effective != KEEP)
		c->egid = effective;
	c->fsgid = c->egid;
	return 0;
}

static long set_resgid(u32 real, u32 effective, u32 saved)
{
	struct credentials *c = own();

	if (!may_be_gid(real) || !may_be_gid(effective) || !may_be_gid(saved))
		return -EPERM;
	if (real != KEEP)
		c->gid = real;
	if (effective != KEEP)
		c->egid = effective;
	if (saved != KEEP)
		c->sgid = saved;
	c->fsgid = c->egid;
	return 0;
}

static long set_fsgid(u32 id)
{
	u32 before = own()->fsgid;

	if (id != KEEP && (may_be_gid(id) || id == before))
		own()->fsgid = id;
	return (long)before;
}

SYSCALL_DEFINE1(setgid32, u32, id)
{
	return set_gid(id);
}

SYSCALL_DEFINE1(setgid, u16, id)
{
	return set_gid(wide(id));
}

SYSCALL_DEFINE2(setregid32, u32, real, u32, effective)
{
	return set_regid(real, effective);
}

SYSCALL_DEFINE2(setregid, u16, real, u16, effective)
{
	return set_regid(wide(real), wide(effective));
}

SYSCALL_DEFINE3(setresgid32, u32, real, u32, effective, u32, saved)
{
	return set_resgid(real, effective, saved);
}

SYSCALL_DEFINE3(setresgid, u16, real, u16, effective, u16, saved)
{
	return set_resgid(wide(real), wide(effective), wide(saved));
}

SYSCALL_DEFINE1(setfsgid32, u32, id)
{
	return set_fsgid(id);
}

SYSCALL_DEFINE1(setfsgid, u16, id)
{
	return set_fsgid(wide(id));
}

SYSCALL_DEFINE3(getresgid32, vaddr_t, real, vaddr_t, effective, vaddr_t, saved)
{
	const struct credentials *c = own();

	return put_user_u32(uptr(real), c->gid) || put_user_u32(uptr(effective), c->egid) ||
			       put_user_u32(uptr(saved), c->sgid)
		       ? -EFAULT
		       : 0;
}

SYSCALL_DEFINE3(getresgid, vaddr_t, real, vaddr_t, effective, vaddr_t, saved)
{
	const struct credentials *c = own();

	return put_narrow(real, c->gid) || put_narrow(effective, c->egid) ||
			       put_narrow(saved, c->sgid)
		       ? -EFAULT
		       : 0;
}

/* ---- supplementary groups ---- */

SYSCALL_DEFINE2(getgroups32, s32, size, vaddr_t, list)
{
	const struct credentials *c = own();

	if (size < 0 || (size && (u32)size < c->nr_groups))
		return -EINVAL;
	if (size && copy_to_user(uptr(list), c->groups, c->nr_groups * sizeof(c->groups[0])))
		return -EFAULT;
	return (long)c->nr_groups;
}

SYSCALL_DEFINE2(getgroups, s32, size, vaddr_t, list)
{
	const struct credentials *c = own();
	u16 groups[GROUPS_MAX];

	if (size < 0 || (size && (u32)size < c->nr_groups))
		return -EINVAL;
	for (u32 i = 0; i < c->nr_groups; i++)
		groups[i] = (u16)narrow(c->groups[i]);
	if (size && copy_to_user(uptr(list), groups, c->nr_groups * sizeof(groups[0])))
		return -EFAULT;
	return (long)c->nr_groups;
}

/* Keeps them in order, as Linux does. */
static void keep_groups(const u32 *groups, u32 size)
{
	struct credentials *c = own();

	for (u32 i = 0; i < size; i++) {
		u32 at = i;

		for (; at && c->groups[at - 1] > groups[i]; at--)
			c->groups[at] = c->groups[at - 1];
		c->groups[at] = groups[i];
	}
	c->nr_groups = size;
}

SYSCALL_DEFINE2(setgroups32, u32, size, vaddr_t, list)
{
	u32 groups[GROUPS_MAX];

	if (!is_privileged())
		return -EPERM;
	if (size > GROUPS_MAX)
		return -EINVAL;
	if (copy_from_user(groups, uptr(list), size * sizeof(groups[0])))
		return -EFAULT;
	keep_groups(groups, size);
	return 0;
}

SYSCALL_DEFINE2(setgroups, u32, size, vaddr_t, list)
{
	u16 given[GROUPS_MAX];
	u32 groups[GROUPS_MAX];

	if (!is_privileged())
		return -EPERM;
	if (size > GROUPS_MAX)
		return -EINVAL;
	if (copy_from_user(given, uptr(list), size * sizeof(given[0])))
		return -EFAULT;
	for (u32 i = 0; i < size; i++)
		groups[i] = given[i];
	keep_groups(groups, size);
	return 0;
}
