/* Waiting for hardware: the one loop that polls, and it always ends. */
#pragma once

#include "arch/i386/cpu/io.h"

/*
 * Evaluates cond until it holds, about every microsecond and at most tries times more than once.
 * => whether it held.
 */
#define poll_until(cond, tries)                      \
	({                                           \
		u32 left_ = (tries);                 \
		bool held_;                          \
		while (!(held_ = (cond)) && left_--) \
			io_delay();                  \
		held_;                               \
	})
