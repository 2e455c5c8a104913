#pragma once

/* Random numbers that a seed repeats. */
#include <stdbool.h>
#include <stdint.h>

void random_seed(uint32_t seed);
uint32_t random_word(void);
/* 0 to limit - 1 */
uint32_t below(uint32_t limit);
bool one_in(uint32_t n);
