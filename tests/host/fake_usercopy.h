/*
 * User memory is the test's own. Included by the one file of a test that stands in for arch/i386/cpu/usercopy.c.
 */
#pragma once

#include "arch/i386/cpu/usercopy.h"

size_t copy_from_user(void *to, const void __user *from, size_t len)
{
	memcpy(to, from, len);
	return 0;
}
size_t copy_to_user(void __user *to, const void *from, size_t len)
{
	memcpy(to, from, len);
	return 0;
}
int get_user_u32(u32 *to, const u32 __user *from)
{
	*to = *from;
	return 0;
}
int put_user_u32(u32 __user *to, u32 value)
{
	*to = value;
	return 0;
}
