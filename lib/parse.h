/* Numbers read from text. */
#pragma once

#include "lib/compiler.h"

/*
 * Reads the digits at *s in `base` (10 or 16; 0 takes 0x as hexadecimal) and moves *s behind them.
 * => 0, or -EINVAL where there is no digit, -ERANGE where the value does not fit; *s is unchanged.
 */
int __must_check parse_digits(const char **s, unsigned base, u64 *value);

/* The same for a text that is the number and nothing else. */
int __must_check parse_u32(const char *s, unsigned base, u32 *value);

/* Decimal, with a sign or without. */
int __must_check parse_s32(const char *s, s32 *value);

/* A number with an optional suffix K, M or G (either case), as in mem=64M. In bytes. */
int __must_check parse_size(const char **s, u64 *bytes);
