/* Capabilities of a process, as they follow from what else it does. */
#pragma once

#include "kernel/process/task.h"
#include <linux/capability.h>

#define ALL_CAPABILITIES ((2ull << CAP_LAST_CAP) - 1)

/* Process 1 has them all. */
void capabilities_full(struct credentials *c);
/* A program that root starts has them all, any other one none. */
void capabilities_at_exec(struct credentials *c);
/* The user ids were set. had_root: one of the three was 0 before. */
void capabilities_after_setuid(struct credentials *c, bool had_root, u32 old_euid);
