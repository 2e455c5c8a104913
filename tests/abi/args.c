/*
 * Prints its words: for the tests that start it, and for whoever wants to see how a command line is
 * split.
 */
#include "tests/abi/lib/abi.h"

int main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++)
		line("%d: '%s'", i, argv[i]);
	return argc - 1;
}
