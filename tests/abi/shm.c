/* System V shared memory, by the direct calls and by ipc. */
#include "tests/abi/lib/abi.h"

#include <asm/shmbuf.h>
#include <linux/ipc.h>

#define SHM_RDONLY             010000
#define SHM_RND                020000
#define SHM_REMAP              040000
#define SHM_EXEC               0100000
#define BAD                    ((void *)0xfffff000)
#define KEY                    0x5061676f
#define SIZE                   (2 * PAGE_SIZE + 100)

#define get(key, size, flags)  syscall3(__NR_shmget, key, size, flags)
#define at(id, where, flags)   ((char *)syscall3(__NR_shmat, id, (long)(where), flags))
#define dt(where)              syscall1(__NR_shmdt, (long)(where))
#define ctl(id, command, data) syscall3(__NR_shmctl, id, command, (long)(data))

static void show(const char *what, int id)
{
	struct shmid64_ds ds;
	long ret = ctl(id, IPC_STAT, &ds);

	if (is_error(ret)) {
		say(what, ret);
		return;
	}
	line("%s: size %lu, attached %lu, mode %o, key %x, creator me: %s, last me: %s", what,
	     (unsigned long)ds.shm_segsz, ds.shm_nattch, ds.shm_perm.mode, ds.shm_perm.key,
	     ds.shm_cpid == sys_getpid() ? "yes" : "no",
	     ds.shm_lpid == sys_getpid() ? "yes" : "no");
	line("times set: attach %d, detach %d, change %d", ds.shm_atime != 0, ds.shm_dtime != 0,
	     ds.shm_ctime != 0);
}

static void test_get(void)
{
	int id, status, pid;

	say("no such key", get(KEY, SIZE, 0600));
	say("size 0", get(KEY, 0, IPC_CREAT | 0600));
	id = get(KEY, SIZE, IPC_CREAT | 0640);
	show("new", id);
	line("found again: %s", get(KEY, SIZE, 0) == id ? "yes" : "no");
	line("smaller: %s", get(KEY, 1, IPC_CREAT) == id ? "yes" : "no");
	line("size 0: %s", get(KEY, 0, 0) == id ? "yes" : "no");
	say("one page too many", get(KEY, SIZE + PAGE_SIZE, 0));
	say("one byte too many", get(KEY, SIZE + 1, 0));
	say("it must be new", get(KEY, SIZE, IPC_CREAT | IPC_EXCL));
	pid = sys_fork();
	if (pid == 0) {
		char *p = at(id, NULL, 0);

		p[5] = 'c';
		sys_exit(0); /* detaches */
	}
	sys_wait4(pid, &status, 0, NULL);
	show("a child was there", id);
	say("removed", ctl(id, IPC_RMID, NULL));
	say("again", ctl(id, IPC_RMID, NULL));
	say("attach what is gone", (long)at(id, NULL, 0));
	say("the key is free", get(KEY, SIZE, 0600));
}

static void test_attach(int id)
{
	char *p = at(id, NULL, 0), *q = at(id, NULL, SHM_RDONLY), *room = need_pages(8, 0), *r;
	int status, pid;

	memcpy(p, "text", 5);
	line("both see it: '%s'", q);
	show("twice", id);
	say_write("write where it is read-only", q);
	say("made writable", sys_mprotect(q, PAGE_SIZE, PROT_READ | PROT_WRITE));
	say_read("the last page", p + 2 * PAGE_SIZE + 4095);
	pid = sys_fork();
	if (pid == 0) {
		show("in a child", id);
		memcpy(p, "child", 6);
		say("the child detaches", dt(p));
		show("one less", id);
		sys_exit(0);
	}
	sys_wait4(pid, &status, 0, NULL);
	line("from the child: '%s'", q);
	show("the child ended", id);
	say("where memory is", (long)at(id, room, 0));
	say("not aligned", (long)at(id, room + 1, 0));
	r = at(id, room + 5, SHM_RND | SHM_REMAP);
	line("over it, rounded down: %s", r == room ? "yes" : "no");
	line("it is the segment: '%s'", r);
	say("remap without address", (long)at(id, NULL, SHM_REMAP));
	sys_munmap(room + 4 * PAGE_SIZE, 4 * PAGE_SIZE);
	r = at(id, room + 4 * PAGE_SIZE, SHM_EXEC);
	line("in free room: %s", r == room + 4 * PAGE_SIZE ? "yes" : "no");
	say("detach an address within", dt(r + PAGE_SIZE));
	say("detach not aligned", dt(r + 1));
	say("one page unmapped", sys_munmap(r + PAGE_SIZE, PAGE_SIZE));
	show("two parts count", id);
	say("detached in parts", dt(r));
	show("both are gone", id);
	say("twice", dt(r));
	say("detach what is no segment", dt(need_pages(1, PROT_READ)));
	say("detach", dt(room));
	say("detach", dt(q));
	say("removed while attached", ctl(id, IPC_RMID, NULL));
	show("then", id);
	say("by its key", get(KEY, 1, 0));
	q = at(id, NULL, 0);
	line("still to be attached: '%s'", q);
	say("detach", dt(q));
	say("the last one", dt(p));
	show("gone", id);
}

/* A removed segment lives on where it takes its own last place again. */
static void test_remap(void)
{
	int id = get(IPC_PRIVATE, PAGE_SIZE, 0600);
	char *p = at(id, NULL, 0);

	p[0] = 'r';
	say("remove it while attached once", ctl(id, IPC_RMID, NULL));
	line("attached to its own place: %s", at(id, p, 040000) == p ? "yes" : "no");
	line("it holds '%c'", p[0]);
	show("one attachment", id);
	say("detach it", dt(p));
	show("gone", id);
}

static void test_control(void)
{
	struct shmid64_ds ds;
	struct shminfo64 limits;
	int id = get(IPC_PRIVATE, PAGE_SIZE, 0600), other = get(IPC_PRIVATE, PAGE_SIZE, 0600);

	line("private ones differ: %s", id != other ? "yes" : "no");
	ctl(id, IPC_STAT, &ds);
	ds.shm_perm.mode = 0123;
	say("set", ctl(id, IPC_SET, &ds));
	show("then", id);
	say("lock", ctl(id, 11, NULL));
	show("then", id);
	say("unlock", ctl(id, 12, NULL));
	say("stat to a bad address", ctl(id, IPC_STAT, BAD));
	say("set from a bad address", ctl(id, IPC_SET, BAD));
	say("unknown command", ctl(id, 99, NULL));
	say("id -1", ctl(-1, IPC_STAT, &ds));
	say("id that never was", ctl(0x7fffff, IPC_STAT, &ds));
	say_ok("limits", ctl(0, IPC_INFO, &limits));
	line("at least %lu byte, %lu segments", limits.shmmin, limits.shmseg);
	say("remove", ctl(id, IPC_RMID, NULL));
	say("remove", ctl(other, IPC_RMID, NULL));
}

static void test_ipc(void)
{
	int id = syscall6(__NR_ipc, SHMGET, IPC_PRIVATE, PAGE_SIZE, 0600, 0, 0);
	struct shmid64_ds ds;
	char *p = NULL;

	say("ipc attach", syscall6(__NR_ipc, SHMAT, id, 0, (long)&p, 0, 0));
	p[0] = 'i';
	say("ipc stat", syscall6(__NR_ipc, SHMCTL, id, IPC_STAT | IPC_64, 0, (long)&ds, 0));
	line("attached %lu, size %lu", ds.shm_nattch, (unsigned long)ds.shm_segsz);
	say("attach of version 1", syscall6(__NR_ipc, SHMAT | 1 << 16, id, 0, (long)&p, 0, 0));
	say("ipc detach", syscall6(__NR_ipc, SHMDT, 0, 0, 0, (long)p, 0));
	say("ipc remove", syscall6(__NR_ipc, SHMCTL, id, IPC_RMID, 0, 0, 0));
	say("unknown call", syscall6(__NR_ipc, 99, 0, 0, 0, 0, 0));
}

int main(void)
{
	test_get();
	test_attach(get(KEY, SIZE, IPC_CREAT | 0600));
	test_remap();
	test_control();
	test_ipc();
	return 0;
}
