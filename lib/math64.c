/* Division by a 64-bit number. */
#include "lib/math64.h"

u64 div64_u64(u64 n, u64 divisor)
{
	u64 quotient = 0, rest = 0;
	int bit;

	if (!(divisor >> 32))
		return div_u64(n, (u32)divisor);
	for (bit = 63; bit >= 0; bit--) {
		bool carry = rest >> 63;

		rest = rest << 1 | (n >> bit & 1);
		if (carry || rest >= divisor) {
			rest -= divisor;
			quotient |= 1ull << bit;
		}
	}
	return quotient;
}
