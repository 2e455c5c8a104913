/* What the compiler is told beyond the C language. gcc and clang both understand all of it. */
#pragma once

#include "lib/types.h"

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#undef __packed
#undef __aligned
#undef __always_inline
#undef __noreturn
#define __packed             __attribute__((packed))
#define __aligned(n)         __attribute__((aligned(n)))
#define __must_check         __attribute__((warn_unused_result))
#define __noreturn           __attribute__((noreturn))
#define __printf(fmt, first) __attribute__((format(printf, fmt, first)))
#define __always_inline      inline __attribute__((always_inline))
#define noinline             __attribute__((noinline))
#define __section(name)      __attribute__((section(name)))
/* Functions, variables and zeroed variables of the boot alone: their memory is given back before process 1 starts. Nothing
 * else may refer to them (make lint). */
#define __init     __attribute__((section(".init.text")))
#define __initdata __attribute__((section(".init.data")))
#define __initzero __attribute__((section(".bss.init")))
/* The one place that calls the boot, and returns to live on. */
#define __calls_init   __attribute__((section(".text.calls_init"), __noinline__))
#define __maybe_unused __attribute__((unused))
#define __used         __attribute__((used))
#define fallthrough    __attribute__((fallthrough))

/* A pointer that came from a user program: to be passed on, never followed. */
#ifndef __user
#define __user
#endif

/* The compiler moves no memory access across it. One processor needs no more than that. */
#define barrier()                       __asm__ volatile("" ::: "memory")

#define READ_ONCE(x)                    (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)                (*(volatile __typeof__(x) *)&(x) = (v))

#define ARRAY_SIZE(a)                   (sizeof(a) / sizeof((a)[0]))

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

#ifndef static_assert
#define static_assert _Static_assert
#endif

/* Rounding to a power of two. ALIGN_UP of a value in the last unit wraps to 0: check before. */
#define ALIGN_DOWN(x, a)   ((x) & ~((__typeof__(x))(a)-1))
#define ALIGN_UP(x, a)     (((x) + ((__typeof__(x))(a)-1)) & ~((__typeof__(x))(a)-1))
#define IS_ALIGNED(x, a)   (((x) & ((__typeof__(x))(a)-1)) == 0)
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))

/* Both arguments have one type, and each is evaluated once. */
#undef MIN
#undef MAX
#define MIN(a, b)                                  \
	({                                         \
		__typeof__(a) min_a_ = (a);        \
		__typeof__(b) min_b_ = (b);        \
		(void)(&min_a_ == &min_b_);        \
		min_a_ < min_b_ ? min_a_ : min_b_; \
	})
#define MAX(a, b)                                  \
	({                                         \
		__typeof__(a) max_a_ = (a);        \
		__typeof__(b) max_b_ = (b);        \
		(void)(&max_a_ == &max_b_);        \
		max_a_ > max_b_ ? max_a_ : max_b_; \
	})
