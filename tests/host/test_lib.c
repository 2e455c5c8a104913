#include "tests/host/check.h"
TEST(nothing_yet)
{
	CHECK(1);
}
