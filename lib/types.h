/* Scalar types of the whole kernel, and the units in which memory is counted. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#ifndef __ssize_t_defined
typedef int ssize_t;
#define __ssize_t_defined
#endif

/* A physical and a virtual address. There is no PAE: both have 32 bits. */
typedef u32 paddr_t;
typedef u32 vaddr_t;

/* A page frame number. A structure, so that the compiler tells it from an address or a count. */
typedef struct {
	u32 n;
} pfn_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1u << PAGE_SHIFT)
#define PAGE_MASK  (~(PAGE_SIZE - 1))

static inline pfn_t make_pfn(u32 n)
{
	return (pfn_t){.n = n};
}

static inline pfn_t paddr_to_pfn(paddr_t addr)
{
	return make_pfn(addr >> PAGE_SHIFT);
}

static inline paddr_t pfn_to_paddr(pfn_t pfn)
{
	return pfn.n << PAGE_SHIFT;
}
