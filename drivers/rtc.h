/* The battery-backed clock. */
#pragma once

#include "lib/compiler.h"

struct rtc_registers { /* as the chip gives them */
	u8 second, minute, hour, day, month, year, century, status_b;
};

/* Seconds since 1970, or 0 where the registers hold no date. */
u64 rtc_decode(const struct rtc_registers *r);

/* Sets the wall clock from it; without a plausible date the clock starts at 1970. */
void rtc_init(void);
