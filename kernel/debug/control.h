/* /proc/pagoda: what tests need to see and do. check: every *_check(); counts: what could leak;
 * failpoint: fault injection (write NAME:NTH or NAME:NTH:TIMES, or "off"). */
#pragma once

#include "lib/types.h"

void control_init(void);
/* Runs every check of every structure: 0, or -EIO after a line for each that does not hold. */
int check_everything(void);
