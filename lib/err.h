/* A pointer or a negative errno in one value: the last 4095 addresses are no objects. */
#pragma once

#include "lib/compiler.h"
#include <asm/errno.h>

#define MAX_ERRNO 4095

/*
 * What a system call that a signal interrupted returns. A program never sees them: on the way back
 * to it they become -EINTR or the call is made again.
 *
 *                     no handler runs       a handler runs
 *   ERESTARTSYS       again                 again with SA_RESTART, else EINTR
 *   ERESTARTNOINTR    again                 again
 *   ERESTARTNOHAND    again                 EINTR
 *   ERESTART_BLOCK    restart_syscall(2)    EINTR
 */
#define ERESTARTSYS    512
#define ERESTARTNOINTR 513
#define ERESTARTNOHAND 514
#define ERESTART_BLOCK 516

static inline void *ERR_PTR(int error)
{
	return (void *)(intptr_t)error;
}

static inline int PTR_ERR(const void *ptr)
{
	return (int)(intptr_t)ptr;
}

static inline bool IS_ERR(const void *ptr)
{
	return unlikely((uintptr_t)ptr >= (uintptr_t)-MAX_ERRNO);
}

static inline bool IS_ERR_OR_NULL(const void *ptr)
{
	return !ptr || IS_ERR(ptr);
}
