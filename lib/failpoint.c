/* Fault injection by name. */
#include "lib/failpoint.h"
#include "lib/parse.h"
#include "lib/string.h"
#include <asm/errno.h>

static LIST_HEAD(failpoints);

void failpoint_register(struct failpoint *fp)
{
	list_add_tail(&fp->node, &failpoints);
}

static struct failpoint *find(const char *name, size_t len)
{
	struct failpoint *fp;

	list_for_each_entry (fp, &failpoints, node) {
		if (!strncmp(fp->name, name, len) && !fp->name[len])
			return fp;
	}
	return NULL;
}

struct failpoint *failpoint_find(const char *name)
{
	return find(name, strlen(name));
}

static int arm(struct failpoint *fp, u32 nth, u32 times)
{
	if (!fp)
		return -ENOENT;
	fp->calls = 0;
	fp->fired = 0;
	fp->nth = nth;
	fp->times = times;
	fp->armed = true;
	return 0;
}

int failpoint_arm(const char *name, u32 nth, u32 times)
{
	return arm(failpoint_find(name), nth, times);
}

void failpoint_disarm(struct failpoint *fp)
{
	fp->armed = false;
}

int failpoint_arm_text(const char *text)
{
	const char *colon = strchr(text, ':');
	const char *p = colon ? colon + 1 : text;
	u64 nth, times = 1;

	if (!colon || parse_digits(&p, 10, &nth))
		return -EINVAL;
	if (*p == ':') {
		p++;
		if (parse_digits(&p, 10, &times))
			return -EINVAL;
	}
	if (*p || nth > UINT32_MAX || times > UINT32_MAX)
		return -EINVAL;
	return arm(find(text, colon - text), nth, times);
}

bool failpoint_count(struct failpoint *fp)
{
	u32 call = ++fp->calls;

	if (!fp->nth || call < fp->nth || call - fp->nth >= fp->times)
		return false;
	fp->fired++;
	return true;
}
