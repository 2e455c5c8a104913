/*
 * The tree of names, paths, memory files, pipes and descriptor tables: the real sources over the real
 * slab, buddy and page cache. Random operations are compared with plain arrays; what is left behind is
 * counted in objects and frames.
 */
#define _LARGEFILE64_SOURCE 1 /* O_LARGEFILE of <fcntl.h> */
#define __timeval_defined   1 /* <linux/time.h>, which the kernel's headers include, has it */
#include "fs/epoll.h"
#include "fs/file.h"
#include "arch/i386/cpu/usercopy.h"
#include "kernel/core/time.h"
#include "kernel/core/wait.h"
#include "kernel/process/files.h"
#include "lib/err.h"
#include "lib/failpoint.h"
#include "lib/seq.h"
#include "mm/kmem/kmap.h"
#include "mm/kmem/slab.h"
#include "mm/kmem/vmalloc.h"
#include "mm/vm/unmap.h"
#include "tests/host/check.h"
#include "tests/host/fake_ram.h"
#include <fcntl.h>
#include <sys/stat.h>

/* ---- lower rooms ---- */

static struct thread self;
struct thread *current = &self;
static const char *bad_from; /* user memory from here on is bad; NULL: all is good */

u64 time_realtime_ns(void)
{
	return 1;
}

static size_t bad_bytes(const void *user, size_t len)
{
	const char *start = user;

	if (!bad_from || start + len <= bad_from)
		return 0;
	return start >= bad_from ? len : (size_t)(start + len - bad_from);
}

size_t copy_from_user(void *to, const void __user *from, size_t len)
{
	size_t bad = bad_bytes(from, len);

	memcpy(to, from, len - bad);
	return bad;
}

size_t copy_to_user(void __user *to, const void *from, size_t len)
{
	size_t bad = bad_bytes(to, len);

	memcpy(to, from, len - bad);
	return bad;
}

size_t clear_user(void __user *to, size_t len)
{
	size_t bad = bad_bytes(to, len);

	memset(to, 0, len - bad);
	return bad;
}

int put_user_u32(u32 __user *to, u32 value)
{
	*to = value;
	return 0;
}

void *kmap_local_highmem(struct page *page)
{
	FAIL("page %p is not of highmem", (void *)page);
}

void kunmap_local_highmem(void *addr)
{
	FAIL("%p is not of highmem", addr);
}

void clear_highpage(struct page *page)
{
	memset(page_address(page), 0, PAGE_SIZE);
}

struct mm_struct *current_mm;
u32 lazyfree_reclaim(void)
{
	return 0; /* nothing was given up */
}

void unmap_mapping(struct address_space *as, u32 first, u32 last, bool copies_too)
{
	(void)first, (void)last, (void)copies_too;
	CHECK(list_empty(&as->vmas));
}

void *vmalloc(size_t len)
{
	return kmalloc(len, GFP_KERNEL);
}

void vfree(const void *addr)
{
	kfree(addr);
}

void wait_queue_init(struct wait_queue *q)
{
	INIT_LIST_HEAD(&q->waiters);
}

/* Nobody watches a file here. */
void epoll_forget(struct file *f)
{
	(void)f;
	abort();
}

void wake_waiters(struct wait_queue *q, bool all)
{
	(void)q;
	(void)all;
}

/* Nobody else runs here: a sleep would be for ever. */
void wait_prepare(struct wait_queue *q, struct waiter *w, bool interruptible)
{
	(void)q;
	(void)w;
	(void)interruptible;
	FAIL("it sleeps");
}

void wait_finish(struct wait_queue *q, struct waiter *w)
{
	(void)q;
	(void)w;
}

void mutex_init(struct mutex *m)
{
	m->holder = NULL;
	wait_queue_init(&m->queue);
}

void mutex_lock_slow(struct mutex *m)
{
	FAIL("mutex %p is held", (void *)m);
}

void schedule(void)
{
	FAIL("it sleeps");
}

void devices_init(void)
{
}

int devices_make_nodes(struct inode *dir)
{
	(void)dir;
	return 0;
}

const struct file_operations chardev_file_ops;

/* ---- start and end of a test ---- */

static u32 objects_at_start, pages_at_start;

static void settle(void)
{
	slab_shrink_all();
	drain_hot_lists();
}

static void start(void)
{
	bad_from = NULL;
	fake_ram_boot(16);
	slab_init();
	page_cache_init();
	fs_init();
	files_init();
	settle();
	objects_at_start = slab_objects_in_use();
	pages_at_start = nr_free_pages();
}

static void check_nothing_left(void)
{
	CHECK_EQ(slab_objects_in_use(), objects_at_start);
	settle();
	CHECK(slab_check() == 0);
	CHECK_EQ(nr_free_pages(), pages_at_start);
	CHECK_EQ(page_cache_nr_pages(), 0);
	CHECK_PHYS();
}

static struct inode *make(const char *path, u32 mode)
{
	struct path p;
	struct inode *inode;

	CHECK_EQ(path_walk(NULL, path, WALK_PARENT, &p), 0);
	CHECK(!p.inode && p.dir);
	inode = ramfs_create(p.dir, p.last, p.last_len, mode, 0);
	CHECK(!IS_ERR(inode));
	inode_put(inode);
	return inode;
}

static void make_link(const char *path, const char *target)
{
	struct path p;
	struct inode *inode;

	CHECK_EQ(path_walk(NULL, path, WALK_PARENT, &p), 0);
	inode = ramfs_symlink(p.dir, p.last, p.last_len, target, strlen(target));
	CHECK(!IS_ERR(inode));
	inode_put(inode);
}

static void remove_path(const char *path)
{
	struct path p;

	CHECK_EQ(path_walk(NULL, path, 0, &p), 0);
	ramfs_remove(ramfs_find(p.dir, p.last, p.last_len));
}

/* ---- paths ---- */

static int walk_error(struct inode *base, const char *path, u32 flags)
{
	struct path p;

	return path_walk(base, path, flags, &p);
}

static struct inode *walk_to(struct inode *base, const char *path, u32 flags)
{
	struct path p;

	CHECK_EQ(path_walk(base, path, flags, &p), 0);
	return p.inode;
}

TEST(paths)
{
	static char long_name[300], long_path[5000];
	struct inode *a, *b, *file;
	struct path p;
	char text[64];

	start();
	a = make("/a", S_IFDIR | 0755);
	b = make("/a/b/", S_IFDIR | 0755);
	file = make("/a/b/file", S_IFREG | 0644);
	CHECK(walk_to(NULL, "/", 0) == root_inode);
	CHECK(walk_to(NULL, "//a//b/", 0) == b);
	CHECK(walk_to(NULL, "a/./b/../b/file", 0) == file);
	CHECK(walk_to(b, "file", 0) == file);
	CHECK(walk_to(b, "/a/b/file", 0) == file);
	CHECK(walk_to(b, "..", 0) == a);
	CHECK(walk_to(b, "../../../..", 0) == root_inode);
	CHECK_EQ(walk_error(NULL, "", 0), -ENOENT);
	CHECK_EQ(walk_error(NULL, "/a/c", 0), -ENOENT);
	CHECK_EQ(walk_error(NULL, "/c/file", WALK_PARENT), -ENOENT);
	CHECK_EQ(walk_error(NULL, "/a/b/file/", 0), -ENOTDIR);
	CHECK_EQ(walk_error(NULL, "/a/b/file/x", WALK_PARENT), -ENOTDIR);
	CHECK_EQ(walk_error(NULL, "/a/b/file/..", 0), -ENOTDIR);
	CHECK_EQ(walk_error(NULL, "/a/b/file/.", 0), -ENOTDIR);

	CHECK_EQ(path_walk(NULL, "/a/new/", WALK_PARENT, &p), 0);
	CHECK(!p.inode && p.dir == a && p.last_len == 3 && p.trailing_slash);
	CHECK_EQ(path_walk(NULL, "/a/b/.", WALK_PARENT, &p), 0);
	CHECK(p.inode == b && !p.dir);

	memset(long_name, 'n', sizeof(long_name) - 1);
	CHECK_EQ(walk_error(NULL, long_name, 0), -ENAMETOOLONG);
	long_name[255] = '\0';
	CHECK_EQ(walk_error(NULL, long_name, 0), -ENOENT);
	memset(long_path, '/', sizeof(long_path) - 1);
	CHECK_EQ(walk_error(NULL, long_path, 0), -ENAMETOOLONG);
	long_path[4095] = '\0';
	CHECK(walk_to(NULL, long_path, 0) == root_inode);

	CHECK_EQ(inode_path(file, text, sizeof(text)), 9);
	CHECK_STR(text, "/a/b/file");
	CHECK_EQ(inode_path(file, text, 10), 9);
	CHECK_EQ(inode_path(file, text, 9), -ERANGE);
	CHECK_EQ(inode_path(root_inode, text, 2), 1);
	CHECK_STR(text, "/");
	remove_path("/a/b/file");
	remove_path("/a/b");
	remove_path("/a");
	check_nothing_left();
}

TEST(symbolic_links)
{
	struct inode *dir, *file;
	struct path p;
	char name[16], target[16];

	start();
	dir = make("/dir", S_IFDIR | 0755);
	file = make("/dir/file", S_IFREG | 0644);
	make_link("/abs", "/dir");
	make_link("/dir/rel", "../dir/file");
	make_link("/dir/new", "made");
	make_link("/self", "self");
	make_link("/slash", "dir/file/");
	CHECK(walk_to(NULL, "/abs/file", 0) == file);
	CHECK(walk_to(NULL, "/abs", WALK_FOLLOW) == dir);
	CHECK(S_ISLNK(walk_to(NULL, "/abs", 0)->mode));
	CHECK(walk_to(NULL, "/abs/", 0) == dir);
	CHECK(walk_to(NULL, "/abs/rel", WALK_FOLLOW) == file);
	CHECK_EQ(walk_error(NULL, "/abs/rel/", 0), -ENOTDIR);
	CHECK_EQ(walk_error(NULL, "/slash", WALK_FOLLOW), -ENOTDIR);
	CHECK_EQ(walk_error(NULL, "/self", WALK_FOLLOW), -ELOOP);
	CHECK_EQ(walk_error(NULL, "/self/x", 0), -ELOOP);
	/* What a link names may be made, in the link's own folder. */
	CHECK_EQ(walk_error(NULL, "/dir/new", WALK_FOLLOW), -ENOENT);
	CHECK_EQ(path_walk(NULL, "/abs/new", WALK_FOLLOW | WALK_PARENT, &p), 0);
	CHECK(!p.inode && p.dir == dir && p.last_len == 4 && !memcmp(p.last, "made", 4));

	/* 40 links in a row are followed, 41 are not. */
	make_link("/l0", "dir");
	for (int i = 1; i <= 40; i++) {
		sprintf(name, "/l%d", i);
		sprintf(target, "l%d", i - 1);
		make_link(name, target);
	}
	CHECK(walk_to(NULL, "/l39", WALK_FOLLOW) == dir);
	CHECK(walk_to(NULL, "/l39/file", WALK_FOLLOW) == file);
	CHECK_EQ(walk_error(NULL, "/l40", WALK_FOLLOW), -ELOOP);
	for (int i = 0; i <= 40; i++) {
		sprintf(name, "/l%d", i);
		remove_path(name);
	}
	remove_path("/abs");
	remove_path("/self");
	remove_path("/slash");
	remove_path("/dir/new");
	remove_path("/dir/rel");
	remove_path("/dir/file");
	remove_path("/dir");
	check_nothing_left();
}

/* ---- the tree against an array ---- */

#define NODES 40

struct node {
	bool used, dir;
	int parent; /* -1: the root */
	char name[4];
	struct inode *inode;
};

static struct node nodes[NODES];

static int node_path(int n, char *to)
{
	int len = n < 0 ? 0 : node_path(nodes[n].parent, to);

	return n < 0 ? 0 : len + sprintf(to + len, "/%s", nodes[n].name);
}

static int random_node(bool dir)
{
	int n = test_rand_below(NODES + 1) - 1;

	return n < 0                                     ? (dir ? -1 : random_node(dir))
	       : nodes[n].used && (!dir || nodes[n].dir) ? n
	       : dir                                     ? -1
							 : -2;
}

static int child_named(int parent, const char *name)
{
	for (int i = 0; i < NODES; i++)
		if (nodes[i].used && nodes[i].parent == parent && !strcmp(nodes[i].name, name))
			return i;
	return -2;
}

static bool has_children(int n)
{
	for (int i = 0; i < NODES; i++)
		if (nodes[i].used && nodes[i].parent == n)
			return true;
	return false;
}

static bool lies_below(int n, int above)
{
	for (; n >= 0; n = nodes[n].parent)
		if (n == above)
			return true;
	return false;
}

static struct inode *inode_of(int n)
{
	return n < 0 ? root_inode : nodes[n].inode;
}

static void check_tree(void)
{
	char path[NODES * 5 + 8], shown[NODES * 5 + 8];

	for (int i = 0; i < NODES; i++) {
		u32 links = 1;

		if (!nodes[i].used)
			continue;
		node_path(i, path);
		CHECK(walk_to(NULL, path, 0) == nodes[i].inode);
		CHECK(inode_path(nodes[i].inode, shown, sizeof(shown)) > 0);
		CHECK_STR(shown, path);
		if (nodes[i].dir) {
			links = 2;
			for (int j = 0; j < NODES; j++)
				links += nodes[j].used && nodes[j].dir && nodes[j].parent == i;
		}
		CHECK_EQ(nodes[i].inode->nlink, links);
	}
}

/* Sometimes the next allocation fails; then nothing may have changed. */
static bool arm_sometimes(void)
{
	bool fails = !test_rand_below(8);

	if (fails)
		CHECK_EQ(failpoint_arm("slab_alloc", 1 + test_rand_below(2), 1), 0);
	return fails;
}

static void disarm(void)
{
	failpoint_disarm(failpoint_find("slab_alloc"));
}

static void random_create(int n, int parent, const char *name)
{
	bool dir = test_rand_below(2), armed = arm_sometimes();
	struct inode *inode = ramfs_create(inode_of(parent), name, strlen(name),
					   dir ? S_IFDIR | 0755 : S_IFREG | 0644, 0);

	disarm();
	if (IS_ERR(inode)) {
		if (child_named(parent, name) == -2)
			CHECK(armed && PTR_ERR(inode) == -ENOMEM);
		else
			CHECK(PTR_ERR(inode) == -EEXIST || armed);
		return;
	}
	CHECK_EQ(child_named(parent, name), -2);
	inode_put(inode);
	nodes[n] = (struct node){.used = true, .dir = dir, .parent = parent, .inode = inode};
	strcpy(nodes[n].name, name);
}

static void random_rename(int n, int parent, const char *name)
{
	int target = child_named(parent, name);
	bool armed;
	int err;

	if (lies_below(parent, n) || target == n || (target >= 0 && has_children(target)) ||
	    (target >= 0 && nodes[target].dir != nodes[n].dir))
		return; /* the system call refuses these */
	armed = arm_sometimes();
	err = ramfs_rename(nodes[n].inode->entry, inode_of(parent), name, strlen(name));
	disarm();
	if (err) {
		CHECK(armed && err == -ENOMEM);
		return;
	}
	if (target >= 0)
		nodes[target].used = false;
	nodes[n].parent = parent;
	strcpy(nodes[n].name, name);
}

TEST(random_tree)
{
	unsigned rounds = test_rounds(3000);

	start();
	memset(nodes, 0, sizeof(nodes));
	for (unsigned i = 0; i < rounds; i++) {
		int n = test_rand_below(NODES), parent = random_node(true);
		char name[4] = {'a' + test_rand_below(6), 0};

		if (!nodes[n].used) {
			random_create(n, parent, name);
		} else if (test_rand_below(2)) {
			random_rename(n, parent, name);
		} else if (!has_children(n)) {
			ramfs_remove(nodes[n].inode->entry);
			nodes[n].used = false;
		}
		if (i % 16 == 0)
			check_tree();
	}
	for (bool again = true; again;) {
		again = false;
		for (int n = 0; n < NODES; n++) {
			if (nodes[n].used && !has_children(n)) {
				ramfs_remove(nodes[n].inode->entry);
				nodes[n].used = false;
				again = true;
			}
		}
	}
	CHECK(list_is_singular(&root_inode->entries)); /* proc */
	check_nothing_left();
}

/* Takes some names at a time and removes them before it asks for more: each comes once. */
struct taken {
	struct dir_emitter emitter;
	char names[16][8];
	u32 nr, room;
};

static bool take_name(const struct dir_emitter *e, const char *name, u32 len, u32 ino, u32 mode,
		      u64 next)
{
	struct taken *taken = container_of(e, struct taken, emitter);

	(void)ino;
	(void)mode;
	(void)next;
	if (taken->nr == taken->room)
		return false;
	CHECK(len < 8);
	strcpy(taken->names[taken->nr++], name);
	return true;
}

TEST(directory_that_shrinks_while_it_is_read)
{
	struct taken taken = {.emitter = {take_name}};
	struct inode *dir;
	struct file *f;
	u32 seen = 0;
	char path[16];

	start();
	dir = make("/d", S_IFDIR | 0755);
	for (int i = 0; i < 10; i++) {
		sprintf(path, "/d/%c", 'a' + i);
		make(path, S_IFREG | 0644);
	}
	f = file_open(NULL, "/d", O_RDONLY | O_DIRECTORY, 0);
	do {
		taken.nr = 0;
		taken.room = 3;
		CHECK_EQ(f->ops->iterate(f, &taken.emitter), 0);
		for (u32 i = 0; i < taken.nr; i++) {
			if (taken.names[i][0] == '.')
				continue;
			CHECK_EQ(taken.names[i][0], 'a' + seen);
			seen++;
			ramfs_remove(ramfs_find(dir, taken.names[i], 1));
		}
	} while (taken.nr);
	CHECK_EQ(seen, 10);
	file_put(f);
	remove_path("/d");
	check_nothing_left();
}

/* ---- memory files against an array ---- */

#define FILE_MAX (40 * PAGE_SIZE)

TEST(random_file)
{
	static char model[FILE_MAX], user[FILE_MAX];
	unsigned rounds = test_rounds(2000);
	struct file *f;
	size_t size = 0;

	start();
	memset(model, 0, sizeof(model));
	f = file_open(NULL, "/f", O_RDWR | O_CREAT | O_EXCL, 0644);
	CHECK(!IS_ERR(f));
	for (unsigned i = 0; i < rounds; i++) {
		u32 at = test_rand_below(FILE_MAX), len = test_rand_below(FILE_MAX - at) + 1;
		u32 good = test_rand_below(3) ? len : test_rand_below(len + 1);
		u64 pos = at;
		ssize_t ret;

		if (test_rand_below(2))
			len = MIN(len, (u32)test_rand_below(2 * PAGE_SIZE) + 1);
		good = MIN(good, len);
		switch (test_rand_below(3)) {
		case 0:
			for (u32 b = 0; b < len; b++)
				user[b] = (char)test_rand();
			bad_from = user + good;
			ret = f->ops->write(f, user, len, &pos);
			CHECK_EQ(ret, good ? (int)good : -EFAULT);
			memcpy(model + at, user, good);
			size = good ? MAX(size, (size_t)at + good) : size;
			break;
		case 1:
			len = at >= size ? 0 : MIN(len, (u32)(size - at));
			good = MIN(good, len);
			bad_from = user + good;
			ret = f->ops->read(f, user, at >= size ? 100 : len, &pos);
			CHECK_EQ(ret, good || !len ? (int)good : -EFAULT);
			CHECK(!memcmp(user, model + at, good));
			break;
		case 2:
			if (test_rand_below(4))
				break;
			CHECK_EQ(ramfs_truncate(f->inode, at), 0);
			if (at < size)
				memset(model + at, 0, size - at);
			size = at;
			good = 0;
			break;
		}
		bad_from = NULL;
		CHECK_EQ(f->inode->size, size);
		CHECK_EQ(f->inode->mapping.size_bytes, size);
		if (i % 64 == 0)
			CHECK(page_cache_check(&f->inode->mapping) == 0);
	}
	CHECK_EQ(file_read_kernel(f, user, sizeof(user), 0), size);
	CHECK(!memcmp(user, model, size));
	remove_path("/f");
	CHECK_EQ(file_read_kernel(f, user, sizeof(user), 0),
		 size); /* an open file keeps its contents */
	file_put(f);
	check_nothing_left();
}

TEST(far_offsets)
{
	struct file *f;
	char text[8] = "end";
	u64 pos = 5ull << 30;

	start();
	f = file_open(NULL, "/far", O_RDWR | O_CREAT | 00100000 /* O_LARGEFILE */, 0644);
	CHECK_EQ(f->ops->write(f, text, 3, &pos), 3);
	CHECK_EQ(pos, (5ull << 30) + 3);
	CHECK_EQ(f->inode->size, (5ull << 30) + 3);
	CHECK_EQ(f->inode->mapping.nr_pages, 1);
	pos = (5ull << 30) - 2;
	memset(text, 'x', sizeof(text));
	CHECK_EQ(f->ops->read(f, text, sizeof(text), &pos), 5);
	CHECK(!memcmp(text, "\0\0endxxx", 8));
	pos = 1ull << 44; /* one past what page numbers of 32 bits reach */
	CHECK_EQ(f->ops->write(f, text, 3, &pos), -EFBIG);
	CHECK_EQ(ramfs_truncate(f->inode, 1ull << 44), -EFBIG);
	CHECK_EQ(file_llseek_sized(f, -3, SEEK_END), 5ll << 30);
	CHECK_EQ(file_llseek_sized(f, -1, SEEK_SET), -EINVAL);
	file_put(f);
	remove_path("/far");
	check_nothing_left();
}

/* ---- a report of records against its whole text ---- */

#define RECORDS 300u

static u32 record_len[RECORDS]; /* 0: it is not there */
static char report_text[RECORDS * 10000];
static u32 report_len;

static char record_char(u32 record, u32 at)
{
	return (char)('a' + (record * 7 + at) % 26);
}

static int record_next(struct seq *seq, struct task *t, u64 *cursor)
{
	u32 record = (u32)*cursor;

	CHECK(!t);
	while (record < RECORDS && !record_len[record])
		record++;
	*cursor = record + 1;
	if (record >= RECORDS)
		return 0;
	for (u32 i = 0; i < record_len[record]; i++)
		seq_putc(seq, record_char(record, i));
	return 1;
}

static void make_records(void)
{
	report_len = 0;
	for (u32 i = 0; i < RECORDS; i++) {
		static const u32 sizes[] = {0, 1, 60, 700, 9999};

		record_len[i] = test_rand_below(sizes[test_rand_below(5)] + 1);
		for (u32 at = 0; at < record_len[i]; at++)
			report_text[report_len++] = record_char(i, at);
	}
}

TEST(random_report)
{
	static struct report report = {.name = "records", .next = record_next};
	static char user[20000];
	unsigned rounds = test_rounds(3000);
	struct file *f;
	u64 pos = 0;

	start();
	report_register(&report);
	objects_at_start = slab_objects_in_use();
	settle();
	pages_at_start = nr_free_pages();
	make_records();
	f = file_open(NULL, "/proc/records", O_RDONLY, 0);
	CHECK(!IS_ERR(f));
	for (unsigned i = 0; i < rounds; i++) {
		u32 len = test_rand_below(test_rand_below(4) ? 300 : sizeof(user)), left, expected;
		u32 good = test_rand_below(8) ? len : test_rand_below(len + 1);
		ssize_t ret;

		if (!test_rand_below(10)) /* from anywhere, or behind the end */
			pos = test_rand_below(report_len + 1000);
		left = pos < report_len ? report_len - (u32)pos : 0;
		expected = MIN(len, left);
		bad_from = user + good;
		ret = f->ops->read(f, user, len, &pos);
		bad_from = NULL;
		if (expected > good) {
			CHECK(ret == -EFAULT || (ret >= 0 && ret <= (ssize_t)good));
			expected = ret < 0 ? 0 : (u32)ret;
		}
		CHECK(ret == (ssize_t)expected || (ret == -EFAULT && !expected));
		CHECK(!memcmp(user, report_text + (report_len - left), expected));
	}
	file_put(f);
	check_nothing_left();
}

/* ---- pipes against a queue ---- */

#define CAPACITY 65536u

TEST(random_pipe)
{
	static char queue[CAPACITY], user[2 * CAPACITY];
	unsigned rounds = test_rounds(3000);
	struct file *ends[2];
	u32 head = 0, tail = 0;
	u64 pos = 0;

	start();
	CHECK_EQ(pipe_create(ends, O_NONBLOCK), 0);
	for (unsigned i = 0; i < rounds; i++) {
		static const u32 sizes[] = {16, 5000, CAPACITY + 5000};
		u32 len = test_rand_below(sizes[test_rand_below(3)]) + 1;
		u32 good = test_rand_below(4) ? len : test_rand_below(len + 1);
		u32 free = CAPACITY - (head - tail);
		ssize_t ret;

		bad_from = user + good;
		if (test_rand_below(2)) {
			for (u32 b = 0; b < len; b++)
				user[b] = (char)test_rand();
			ret = ends[1]->ops->write(ends[1], user, len, &pos);
			if (ret < 0) {
				CHECK(ret == -EAGAIN ||
				      (ret == -EFAULT && (len <= PAGE_SIZE ? good < len : !good)));
				/* Full but for less than a page, or an atomic write that does not fit. */
				CHECK(ret == -EFAULT || free < PAGE_SIZE + MIN(len, PAGE_SIZE));
				ret = 0;
			} else {
				CHECK(ret > 0 && (u32)ret <= MIN(good, free));
				CHECK(len > PAGE_SIZE || ((u32)ret == len && good == len));
			}
			for (ssize_t b = 0; b < ret; b++)
				queue[head++ % CAPACITY] = user[b];
		} else {
			ret = ends[0]->ops->read(ends[0], user, len, &pos);
			if (head == tail) {
				CHECK_EQ(ret, -EAGAIN);
			} else if (!good) {
				CHECK_EQ(ret, -EFAULT);
			} else {
				CHECK_EQ(ret, MIN(good, head - tail));
			}
			for (ssize_t b = 0; b < ret; b++)
				CHECK_EQ(user[b], queue[tail++ % CAPACITY]);
		}
	}
	bad_from = NULL;
	file_put(ends[1]);
	CHECK_EQ(ends[0]->ops->read(ends[0], user, sizeof(user), &pos), head - tail);
	CHECK_EQ(ends[0]->ops->read(ends[0], user, sizeof(user), &pos), 0);
	file_put(ends[0]);
	check_nothing_left();
}

TEST(pipe_without_a_reader)
{
	struct file *ends[2];
	u64 pos = 0;

	start();
	CHECK_EQ(pipe_create(ends, 0), 0);
	CHECK_EQ(ends[1]->ops->write(ends[1], "text", 4, &pos), 4);
	file_put(ends[0]);
	CHECK_EQ(ends[1]->ops->write(ends[1], "text", 4, &pos), -EPIPE);
	file_put(ends[1]);
	check_nothing_left();
}

/* Every allocation of making a pipe fails once. */
TEST(pipe_without_memory)
{
	struct file *ends[2];
	int err = -ENOMEM;

	start();
	for (u32 nth = 1; err; nth++) {
		CHECK(nth < 20);
		CHECK_EQ(failpoint_arm("slab_alloc", nth, 1), 0);
		err = pipe_create(ends, 0);
		disarm();
		if (err) {
			CHECK_EQ(err, -ENOMEM);
			CHECK_EQ(slab_objects_in_use(), objects_at_start);
		}
	}
	file_put(ends[0]);
	file_put(ends[1]);
	check_nothing_left();
}

/* ---- descriptor tables against an array ---- */

static void check_table(const struct files *files, struct file *const *model, const bool *cloexec)
{
	CHECK_EQ(files_check(files), 0);
	for (u32 fd = 0; fd < FILES_MAX; fd++) {
		CHECK(files_get(files, fd) == model[fd]);
		if (model[fd])
			CHECK_EQ(files->cloexec[fd / 32] >> fd % 32 & 1, cloexec[fd]);
	}
	CHECK(files_get(files, 0x80000000u) == NULL);
}

static u32 lowest_free(struct file *const *model, u32 from)
{
	while (from < FILES_MAX && model[from])
		from++;
	return from;
}

TEST(random_descriptors)
{
	static struct file *model[FILES_MAX];
	static bool cloexec[FILES_MAX];
	unsigned rounds = test_rounds(6000);
	struct files *files, *copy;
	struct file *f;

	start();
	memset(model, 0, sizeof(model));
	files = files_create();
	f = file_open(NULL, "/", O_RDONLY, 0);
	CHECK(files && !IS_ERR(f));
	for (unsigned i = 0; i < rounds; i++) {
		u32 from = test_rand_below(3) ? 0 : test_rand_below(FILES_MAX + 8);
		u32 fd = test_rand_below(i % 4000 < 2500 ? 64 : FILES_MAX);
		u32 expect = lowest_free(model, from);
		int ret;

		if (test_rand_below(i % 3000 < 2000 ? 3 : 10)) {
			ret = files_find_free(files, from);
			if (from >= FILES_MAX) {
				CHECK_EQ(ret, -EINVAL);
				continue;
			}
			CHECK_EQ(ret, expect < FILES_MAX ? (int)expect : -EMFILE);
			if (ret < 0)
				continue;
			cloexec[ret] = test_rand_below(2);
			model[ret] = file_get(f);
			files_install(files, ret, f, cloexec[ret]);
		} else {
			CHECK_EQ(files_close(files, fd), model[fd] ? 0 : -EBADF);
			model[fd] = NULL;
		}
		if (i % 256 == 0)
			check_table(files, model, cloexec);
	}
	copy = files_copy(files);
	CHECK(copy != NULL);
	check_table(copy, model, cloexec);
	files_close_on_exec(copy);
	for (u32 fd = 0; fd < FILES_MAX; fd++)
		CHECK(files_get(copy, fd) == (cloexec[fd] ? NULL : model[fd]));
	files_put(copy);
	check_table(files, model, cloexec);
	files_put(files);
	CHECK_EQ(f->refs, 1);
	file_put(f);
	check_nothing_left();
}
