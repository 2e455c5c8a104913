/*
 * From a path to an inode.
 *
 * Symbolic links are followed without recursion: the text that is still to be walked is kept on a
 * small stack and the link's text is walked in its place. Since nothing here sleeps, nothing that
 * is passed can go away and no reference is taken before the end.
 */
#include "fs/inode.h"
#include "lib/err.h"
#include "lib/string.h"
#include <linux/limits.h>
#include <linux/stat.h>

#define MAX_LINKS 40 /* Linux's MAXSYMLINKS */

struct walk {
	const char *rest[MAX_LINKS]; /* where to go on after the link that is being walked */
	u32 depth;
	u32 links; /* followed in all */
};

/* Whether nothing but slashes follows p and whatever is still on the stack. *slash: whether there
 * is one. */
static bool is_last(const struct walk *w, const char *p, bool *slash)
{
	u32 depth = w->depth;

	*slash = false;
	for (;;) {
		while (*p == '/') {
			p++;
			*slash = true;
		}
		if (*p)
			return false;
		if (!depth)
			return true;
		p = w->rest[--depth];
	}
}

/* Walks into a link found in dir; *cur becomes where its text starts from, or what a computed link
 * names. */
static int follow(struct walk *w, struct inode *link, const char **p, struct inode **cur)
{
	if (++w->links > MAX_LINKS)
		return -ELOOP;
	if (link->link) {
		struct inode *target = link->link->follow(link);

		if (IS_ERR(target))
			return PTR_ERR(target);
		*cur = target;
		return 0;
	}
	w->rest[w->depth++] = *p;
	*p = link->private;
	if (!**p)
		return -ENOENT;
	if (**p == '/')
		*cur = walk_root();
	return 0;
}

static bool is_dots(const char *name, u32 len)
{
	return name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.'));
}

int path_walk(struct inode *base, const char *path, u32 flags, struct path *out)
{
	struct walk w;
	struct inode *cur = *path == '/' || !base ? walk_root() : base;
	const char *p = path;

	if (!*path)
		return -ENOENT;
	if (strnlen(path, PATH_MAX) == PATH_MAX)
		return -ENAMETOOLONG;
	w.depth = w.links = 0;
	*out = (struct path){0};
	for (;;) {
		while (*p == '/')
			p++;
		if (!*p) {
			if (!w.depth)
				break;
			p = w.rest[--w.depth];
			continue;
		}
		const char *name = p;
		u32 len;
		bool last, slash;

		while (*p && *p != '/')
			p++;
		len = p - name;
		if (!S_ISDIR(cur->mode))
			return -ENOTDIR;
		if (len > NAME_MAX)
			return -ENAMETOOLONG;
		last = is_last(&w, p, &slash);
		if (is_dots(name, len)) {
			if (len == 2)
				cur = inode_above(cur);
			if (last) {
				out->inode = cur;
				out->last = name;
				out->last_len = len;
				return 0;
			}
			continue;
		}

		if (unlikely(cur->dir_ops))
			cur->dir_ops->prepare(cur, name, len);

		struct dir_entry *entry = ramfs_find(cur, name, len);
		struct inode *found = entry ? entry->inode : NULL;

		if (last) {
			out->dir = cur;
			out->last = name;
			out->last_len = len;
			out->trailing_slash = slash;
			if (slash && (flags & WALK_FILE))
				return -EISDIR;
		}
		if (!found) {
			if (last && (flags & WALK_PARENT))
				return 0;
			return -ENOENT;
		}
		if (S_ISLNK(found->mode) &&
		    (!last || (flags & WALK_FOLLOW) || (slash && !(flags & WALK_PARENT)))) {
			struct inode *target = cur;
			int err = follow(&w, found, &p, &target);

			if (err)
				return err;
			cur = target;
			if (last)
				out->dir = NULL;
			if (!found->link)
				continue;
			found = target;
		}
		cur = inode_cross(found);
		if (last) {
			if (slash && !S_ISDIR(cur->mode) && !(flags & WALK_PARENT))
				return -ENOTDIR;
			out->inode = cur;
			return 0;
		}
	}
	out->inode = cur;
	return S_ISDIR(cur->mode) ? 0 : -ENOTDIR;
}

struct inode *path_lookup(struct inode *base, const char *path, bool follow_last)
{
	struct path found;
	int err = path_walk(base, path, follow_last ? WALK_FOLLOW : 0, &found);

	return err ? ERR_PTR(err) : inode_get(found.inode);
}
