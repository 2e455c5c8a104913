/*
 * Keys that speak to the kernel: Alt-SysRq and a key, or a break on the serial line and a key. The drivers hear them,
 * whoever answers them registers himself.
 */
#pragma once

#include "lib/types.h"

void sysrq_set_handler(void (*handler)(u8 key));
/* In the driver's interrupt. Nothing happens if nobody answers. */
void sysrq_key(u8 key);
