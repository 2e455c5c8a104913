/* A pointer or a negative errno in one value: the last 4095 addresses are no objects. */
#pragma once

#include "lib/compiler.h"
#include <asm/errno.h>

#define MAX_ERRNO 4095

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
