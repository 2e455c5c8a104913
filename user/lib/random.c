#include "user/lib/random.h"

static uint32_t state;

void random_seed(uint32_t seed)
{
	state = seed;
}

uint32_t random_word(void)
{
	/* xorshift32; never 0 unless scribbled over */
	state = state ? state : 0x9e3779b9;
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

uint32_t below(uint32_t limit)
{
	return random_word() % limit;
}

bool one_in(uint32_t n)
{
	return below(n) == 0;
}
