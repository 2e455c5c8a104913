#include "kernel/core/sysrq.h"
#include "lib/compiler.h"

static void (*answer)(u8 key);

void sysrq_set_handler(void (*handler)(u8 key))
{
	answer = handler;
}

void sysrq_key(u8 key)
{
	if (answer)
		answer(key);
}
