/*
 * Futexes: threads sleep on the address of a word, and wake each other by it.
 *
 *   hash of key ──> bucket ── waiter ── waiter ...       in the order of their coming; a waiter
 * stands on its kernel stack
 *
 * The key of a word is (address space, address), or (object, offset) in a shared mapping, where
 * others may have it at another address. FUTEX_PRIVATE_FLAG saves the lookup of which of the two it
 * is.
 *
 * WAIT: the waiter is queued before the word is read, so a wake-up between the two is not lost. The
 * kernel is not pre-empted, so nothing happens between reading a word that is mapped and comparing
 * it.
 *
 * At its end a thread lets go of the mutexes on its robust list (a list in user memory that it
 * registered): the word gets FUTEX_OWNER_DIED and one waiter is woken. The list is not believed:
 * its length is bounded, and any fault ends the walk.
 *
 * Rejected: inheritance of priorities (-ENOSYS); there are none.
 */
#include "kernel/process/syscall.h"
#include "kernel/core/time.h"
#include "lib/string.h"
#include "mm/vm/mm.h"
#include <linux/futex.h>
#include <linux/time.h>
#include <linux/time_types.h>

#define NR_BUCKETS  64u
#define NSEC        1000000000
#define ROBUST_MAX  2048u /* ROBUST_LIST_LIMIT of Linux */
#define WAIT_ALWAYS 0xFFFFFFFFFFFFFFFFull

struct key {
	const void *object; /* an mm_struct or an address_space */
	u64 offset;
};

struct futex_waiter {
	struct list_head node;
	struct key key;
	u32 mask;
	struct thread *thread;
	bool woken;
};

static struct list_head buckets[NR_BUCKETS];

__init void futex_init(void)
{
	for (u32 i = 0; i < NR_BUCKETS; i++)
		INIT_LIST_HEAD(&buckets[i]);
}

static struct list_head *bucket_of(const struct key *key)
{
	u32 h = (u32)key->object / 64 + (u32)(key->offset >> 2) + (u32)(key->offset >> 12) * 31;

	return &buckets[h % NR_BUCKETS];
}

static bool same_key(const struct key *a, const struct key *b)
{
	return a->object == b->object && a->offset == b->offset;
}

/* 0, -EINVAL, -EFAULT. */
static int get_key(vaddr_t addr, bool private, struct key *key)
{
	const struct vm_area_struct *vma;

	if (addr % sizeof(u32))
		return -EINVAL;
	if (addr >= USER_END)
		return -EFAULT;
	*key = (struct key){current->mm, addr};
	if (private)
		return 0;
	vma = vma_at(current->mm, addr);
	if (!vma)
		return -EFAULT;
	if ((vma->flags & VM_SHARED) && vma->mapping)
		*key = (struct key){vma->mapping,
				    ((u64)vma->pgoff << PAGE_SHIFT) + (addr - vma->start)};
	return 0;
}

/* ---- wake ---- */

static void wake(struct futex_waiter *w)
{
	list_del_init(&w->node);
	w->woken = true;
	thread_wake(w->thread);
}

static u32 wake_key(const struct key *key, u32 max, u32 mask)
{
	struct list_head *bucket = bucket_of(key);
	struct futex_waiter *w, *next;
	u32 nr = 0;

	list_for_each_entry_safe (w, next, bucket, node) {
		if (nr == max)
			break;
		if (same_key(&w->key, key) && (w->mask & mask)) {
			wake(w);
			nr++;
		}
	}
	return nr;
}

static long do_wake(vaddr_t addr, bool private, s32 max, u32 mask)
{
	struct key key;
	int err;

	if (!mask)
		return -EINVAL;
	err = get_key(addr, private, &key);
	/* Linux wakes one where none is asked for. */
	return err ? err : (long)wake_key(&key, (u32)MAX(max, 1), mask);
}

static long do_requeue(vaddr_t from, vaddr_t to, bool private, s32 nr_wake, s32 nr_move,
		       const u32 *expected)
{
	struct key key, target;
	struct futex_waiter *w, *next;
	s32 nr = 0, moved = 0;
	u32 value;
	int err;

	if (nr_wake < 0 || nr_move < 0)
		return -EINVAL;
	err = get_key(from, private, &key);
	if (!err)
		err = get_key(to, private, &target);
	if (err)
		return err;
	if (expected) {
		if (get_user_u32(&value, uptr(from)))
			return -EFAULT;
		if (value != *expected)
			return -EAGAIN;
	}
	list_for_each_entry_safe (w, next, bucket_of(&key), node) {
		if (!same_key(&w->key, &key))
			continue;
		if (nr < nr_wake) {
			wake(w);
			nr++;
		} else if (moved < nr_move) {
			w->key = target;
			if (!same_key(&key, &target))
				list_move_tail(&w->node, bucket_of(&target));
			moved++;
		} else {
			break;
		}
	}
	return nr + moved;
}

/* ---- WAKE_OP ---- */

static s32 sign_extend_12(u32 v)
{
	return (s32)(v << 20) >> 20;
}

/* Changes *addr as `op` says: whether its old value fulfils the condition, or errno. */
static int change_word(vaddr_t addr, u32 op)
{
	u32 what = op >> 28 & 7, old, new;
	s32 arg = sign_extend_12(op >> 12 & 0xFFF), compare = sign_extend_12(op & 0xFFF);

	if (op & ((u32)FUTEX_OP_OPARG_SHIFT << 28))
		arg = (s32)(1u << (arg & 31));
	/* The first store makes the page writable; after it nothing sleeps until the second. */
	if (get_user_u32(&old, uptr(addr)) || put_user_u32(uptr(addr), old) ||
	    get_user_u32(&old, uptr(addr)))
		return -EFAULT;
	switch (what) {
	case FUTEX_OP_SET:
		new = (u32)arg;
		break;
	case FUTEX_OP_ADD:
		new = old + (u32)arg;
		break;
	case FUTEX_OP_OR:
		new = old | (u32)arg;
		break;
	case FUTEX_OP_ANDN:
		new = old & ~(u32)arg;
		break;
	case FUTEX_OP_XOR:
		new = old ^ (u32)arg;
		break;
	default:
		return -ENOSYS;
	}
	if (put_user_u32(uptr(addr), new))
		return -EFAULT;
	switch (op >> 24 & 15) {
	case FUTEX_OP_CMP_EQ:
		return (s32)old == compare;
	case FUTEX_OP_CMP_NE:
		return (s32)old != compare;
	case FUTEX_OP_CMP_LT:
		return (s32)old < compare;
	case FUTEX_OP_CMP_GE:
		return (s32)old >= compare;
	case FUTEX_OP_CMP_LE:
		return (s32)old <= compare;
	case FUTEX_OP_CMP_GT:
		return (s32)old > compare;
	}
	return -ENOSYS;
}

static long do_wake_op(vaddr_t addr, vaddr_t second, bool private, s32 nr_wake, s32 nr_second,
		       u32 op)
{
	struct key key, other;
	long nr;
	int ret = get_key(addr, private, &key);

	if (!ret)
		ret = get_key(second, private, &other);
	if (ret)
		return ret;
	ret = change_word(second, op);
	if (ret < 0)
		return ret;
	nr = wake_key(&key, (u32)MAX(nr_wake, 1), FUTEX_BITSET_MATCH_ANY);
	if (ret)
		nr += wake_key(&other, (u32)MAX(nr_second, 1), FUTEX_BITSET_MATCH_ANY);
	return nr;
}

/* ---- wait ---- */

struct alarm {
	struct timer timer;
	struct thread *thread;
};

static void ring(struct timer *t)
{
	thread_wake(container_of(t, struct alarm, timer)->thread);
}

/* Sleeps until woken: 0, -ETIMEDOUT, -ERESTARTSYS. */
static int sleep_on_futex(struct futex_waiter *w, u64 expires_ns)
{
	struct alarm alarm = {.thread = current};
	int ret;

	if (expires_ns != WAIT_ALWAYS)
		timer_start(&alarm.timer, expires_ns, ring);
	for (;;) {
		WRITE_ONCE(current->state, THREAD_SLEEPING);
		barrier();
		ret = 0;
		if (READ_ONCE(w->woken))
			break;
		ret = -ETIMEDOUT;
		if (expires_ns != WAIT_ALWAYS && !READ_ONCE(alarm.timer.armed))
			break;
		ret = -ERESTARTSYS;
		if (READ_ONCE(current->work) & WORK_SIGNAL)
			break;
		schedule();
	}
	WRITE_ONCE(current->state, THREAD_RUNNING);
	if (expires_ns != WAIT_ALWAYS)
		timer_cancel(&alarm.timer);
	return ret;
}

/* expires_ns: monotonic, or WAIT_ALWAYS. */
static int do_wait(vaddr_t addr, bool private, u32 expected, u32 mask, u64 expires_ns)
{
	struct futex_waiter w = {.mask = mask, .thread = current};
	u32 value;
	int err;

	if (!mask)
		return -EINVAL;
	err = get_key(addr, private, &w.key);
	if (err)
		return err;
	list_add_tail(&w.node, bucket_of(&w.key));
	if (get_user_u32(&value, uptr(addr)))
		err = -EFAULT;
	else if (value != expected)
		err = -EAGAIN;
	else
		err = sleep_on_futex(&w, expires_ns);
	if (!w.woken)
		list_del(&w.node);
	return err;
}

static long wait_again(struct task *t)
{
	int err = do_wait(t->restart_args.address, t->restart_args.flag, t->restart_args.value,
			  t->restart_args.mask, t->restart_args.expires_ns);

	return err == -ERESTARTSYS ? -ERESTART_BLOCK : err;
}

static long wait_until(vaddr_t addr, bool private, u32 expected, u32 mask, u64 expires_ns)
{
	struct task *t = current_task();
	int err = do_wait(addr, private, expected, mask, expires_ns);

	if (err != -ERESTARTSYS || expires_ns == WAIT_ALWAYS)
		return err;
	t->restart = wait_again;
	t->restart_args.address = addr;
	t->restart_args.value = expected;
	t->restart_args.mask = mask;
	t->restart_args.flag = private;
	t->restart_args.expires_ns = expires_ns;
	return -ERESTART_BLOCK;
}

/* ---- the call ---- */

struct timeout {
	bool given;
	s64 seconds;
	s32 ns;
};

/* When a wait ends, on the monotonic clock; -EINVAL for no time. */
static int expiry(const struct timeout *timeout, bool absolute, bool realtime, u64 *expires_ns)
{
	u64 now = time_monotonic_ns(), ns;

	*expires_ns = WAIT_ALWAYS;
	if (!timeout->given)
		return 0;
	if (timeout->seconds < 0 || timeout->ns < 0 || timeout->ns >= NSEC)
		return -EINVAL;
	ns = (u64)MIN(timeout->seconds, (s64)0x100000000) * NSEC + (u32)timeout->ns;
	if (absolute && realtime) {
		u64 wall = time_realtime_ns();

		ns = ns > wall ? now + (ns - wall) : now;
	} else if (!absolute) {
		ns += now;
	}
	*expires_ns = ns;
	return 0;
}

static long futex(vaddr_t addr, u32 op, u32 value, const struct timeout *timeout, u32 value2,
		  vaddr_t second, u32 value3)
{
	u32 command = op & FUTEX_CMD_MASK;
	bool private = op & FUTEX_PRIVATE_FLAG;
	u64 expires_ns;
	int err;

	if ((op & FUTEX_CLOCK_REALTIME) && command != FUTEX_WAIT && command != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (command) {
	case FUTEX_WAIT:
		value3 = FUTEX_BITSET_MATCH_ANY;
		fallthrough;
	case FUTEX_WAIT_BITSET:
		err = expiry(timeout, command == FUTEX_WAIT_BITSET, op & FUTEX_CLOCK_REALTIME,
			     &expires_ns);
		return err ? err : wait_until(addr, private, value, value3, expires_ns);
	case FUTEX_WAKE:
		value3 = FUTEX_BITSET_MATCH_ANY;
		fallthrough;
	case FUTEX_WAKE_BITSET:
		return do_wake(addr, private, (s32)value, value3);
	case FUTEX_REQUEUE:
		return do_requeue(addr, second, private, (s32)value, (s32)value2, NULL);
	case FUTEX_CMP_REQUEUE:
		return do_requeue(addr, second, private, (s32)value, (s32)value2, &value3);
	case FUTEX_WAKE_OP:
		return do_wake_op(addr, second, private, (s32)value, (s32)value2, value3);
	}
	return -ENOSYS;
}

static bool takes_timeout(u32 op)
{
	u32 command = op & FUTEX_CMD_MASK;

	return command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET;
}

SYSCALL_DEFINE6(futex, vaddr_t, addr, u32, op, u32, value, u32, timeout, vaddr_t, second, u32,
		value3)
{
	struct timeout t = {.given = false};
	s32 ts[2];

	if (timeout && takes_timeout(op)) {
		if (copy_from_user(ts, uptr(timeout), sizeof(ts)))
			return -EFAULT;
		t = (struct timeout){true, ts[0], ts[1]};
	}
	return futex(addr, op, value, &t, timeout, second, value3);
}

SYSCALL_DEFINE6(futex_time64, vaddr_t, addr, u32, op, u32, value, u32, timeout, vaddr_t, second,
		u32, value3)
{
	struct timeout t = {.given = false};
	struct __kernel_timespec ts;

	if (timeout && takes_timeout(op)) {
		if (copy_from_user(&ts, uptr(timeout), sizeof(ts)))
			return -EFAULT;
		t = (struct timeout){true, ts.tv_sec, (s32)ts.tv_nsec};
	}
	return futex(addr, op, value, &t, timeout, second, value3);
}

/* ---- the end of a thread ---- */

struct robust_head { /* struct robust_list_head of a program of 32 bits */
	u32 first;
	s32 offset;
	u32 pending;
};

SYSCALL_DEFINE2(set_robust_list, vaddr_t, head, u32, len)
{
	if (len != sizeof(struct robust_head))
		return -EINVAL;
	current_task()->robust_list = head;
	return 0;
}

SYSCALL_DEFINE3(get_robust_list, s32, tid, vaddr_t, head, vaddr_t, len)
{
	const struct task *t = tid ? thread_find(tid) : current_task();
	vaddr_t list;

	if (!t)
		return -ESRCH;
	list = t->robust_list; /* the first copy may sleep, and t go */
	return put_user_u32(uptr(len), sizeof(struct robust_head)) || put_user_u32(uptr(head), list)
		       ? -EFAULT
		       : 0;
}

/* pending: t was about to take it or to let it go; a word of 0 then: t let it go and did not come to wake anybody. */
static int let_go(struct task *t, vaddr_t addr, bool pending)
{
	struct key key;
	u32 word;

	if (get_user_u32(&word, uptr(addr)))
		return -EFAULT;
	if (pending && !word && !get_key(addr, false, &key))
		wake_key(&key, 1, FUTEX_BITSET_MATCH_ANY);
	if ((word & FUTEX_TID_MASK) != t->pid)
		return 0;
	if (put_user_u32(uptr(addr), (word & FUTEX_WAITERS) | FUTEX_OWNER_DIED))
		return -EFAULT;
	if ((word & FUTEX_WAITERS) && !get_key(addr, false, &key))
		wake_key(&key, 1, FUTEX_BITSET_MATCH_ANY);
	return 0;
}

/* Bit 0 of an entry marks a mutex with inheritance of priorities. */
static void let_go_of_all(struct task *t)
{
	struct robust_head head;
	u32 entry, next;

	if (copy_from_user(&head, uptr(t->robust_list), sizeof(head)))
		return;
	entry = head.first;
	for (u32 i = 0; i < ROBUST_MAX && (entry & ~1u) != t->robust_list; i++) {
		int err = get_user_u32(&next, uptr(entry & ~1u));

		if (entry != head.pending && let_go(t, (entry & ~1u) + head.offset, false))
			return;
		if (err)
			return;
		entry = next;
	}
	if (head.pending)
		let_go(t, (head.pending & ~1u) + head.offset, !(head.pending & 1));
}

void futex_exit(struct task *t)
{
	struct key key;

	if (t->robust_list)
		let_go_of_all(t);
	t->robust_list = 0;
	if (t->clear_child_tid && t->thread.mm->users > 1 &&
	    !put_user_u32(uptr(t->clear_child_tid), 0) && !get_key(t->clear_child_tid, false, &key))
		wake_key(&key, 1, FUTEX_BITSET_MATCH_ANY);
	t->clear_child_tid = 0;
}
