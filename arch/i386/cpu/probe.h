/* probe.asm: is a code segment's limit enforced? */
#pragma once

#include "lib/types.h"

extern const char probe_limit_base[];
extern const char probe_limit_last[]; /* its address is the limit in bytes */
extern const char probe_limit_fixup[];
bool probe_segment_limit(void);
