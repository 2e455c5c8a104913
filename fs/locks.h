/*
 * Advisory locks on files. Errors are negative errno.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

struct inode;

struct lock_request {
	const void *owner; /* a descriptor table (fcntl) or an open file (flock) */
	u32 pid;
	bool exclusive;
	bool whole;     /* of flock(2): the two kinds do not see each other */
	u64 start, end; /* half-open; to the end of the file: ~0 */
};

/* Whether another lock forbids it: then *r says which. */
bool lock_test(const struct inode *inode, struct lock_request *r);
/* -EAGAIN, or with wait sleeps; -ENOLCK without memory. */
__must_check int lock_set(struct inode *inode, const struct lock_request *r, bool wait);
__must_check int lock_clear(struct inode *inode, const struct lock_request *r);
/* The owner goes, or closes the file. */
void locks_drop_owner(struct inode *inode, const void *owner, bool whole);
