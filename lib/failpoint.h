/*
 * Fault injection. A place that may fail owns a struct failpoint and asks it each time; a test arms it
 * by name to fail the Nth call from then on. Disarmed it costs one compare.
 *
 *   static struct failpoint fp_page = {.name = "page"};
 *   failpoint_register(&fp_page);                  at start
 *   if (failpoint_fires(&fp_page)) return NULL;    at each call
 */
#pragma once

#include "lib/compiler.h"
#include "lib/list.h"

struct failpoint {
	const char *name;
	bool armed;
	u32 calls; /* since it was armed */
	u32 nth;   /* the call that fails, from 1; 0 only counts */
	u32 times; /* how many calls in a row fail, from the nth on */
	u32 fired; /* since it was armed */
	struct list_head node;
};

void failpoint_register(struct failpoint *fp);

/* => NULL where no failpoint has that name. */
struct failpoint *failpoint_find(const char *name);

/*
 * Calls nth … nth + times - 1 from now on fail; nth 0 counts without failing.
 * => 0, or -ENOENT where no failpoint has that name.
 */
int __must_check failpoint_arm(const char *name, u32 nth, u32 times);
void failpoint_disarm(struct failpoint *fp);

/* Arms from text: NAME:NTH or NAME:NTH:TIMES, as in failpoint=page:17. => 0, -EINVAL, -ENOENT. */
int __must_check failpoint_arm_text(const char *text);

bool failpoint_count(struct failpoint *fp);

static inline bool failpoint_fires(struct failpoint *fp)
{
	return unlikely(fp->armed) && failpoint_count(fp);
}
