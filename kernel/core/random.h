/* Random bytes, good enough for what programs do with them at start; not for secrets. */
#pragma once

#include "lib/types.h"

void random_bytes(void *buf, size_t len);
