/* eat: maps and writes memory, a megabyte at a time, until something ends it. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int main(void)
{
	unsigned int megabytes;

	for (megabytes = 0; megabytes < 3072; megabytes++) {
		char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

		if (p == MAP_FAILED)
			break;
		memset(p, 1, 1 << 20);
	}
	printf("eat: nothing stopped it before %u MB\n", megabytes);
	return 0;
}
