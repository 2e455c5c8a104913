/* Code made at run time: written, made executable by mprotect, run, made data again, unmapped. */
#include "tests/abi/lib/abi.h"

#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)

static void emit(char *at, unsigned char value)
{
	unsigned char code[] = {0xb8, value, 0, 0, 0, 0xc3}; /* mov eax, value; ret */

	memcpy(at, code, sizeof(code));
}

static int call(void *at)
{
	int (*code)(void) = (int (*)(void))at;

	return code();
}

int main(void)
{
	char *p = need_pages(4, RW), *q;

	emit(p + PAGE_SIZE, 11);
	say("executable", sys_mprotect(p + PAGE_SIZE, PAGE_SIZE, RX));
	line("it returns %d", call(p + PAGE_SIZE));
	say_status("in a child", in_child(call, p + PAGE_SIZE));
	say("writable again", sys_mprotect(p + PAGE_SIZE, PAGE_SIZE, RW));
	emit(p + PAGE_SIZE, 12);
	say("executable again", sys_mprotect(p + PAGE_SIZE, PAGE_SIZE, RX));
	line("it returns %d", call(p + PAGE_SIZE));
	q = sys_mmap(NULL, PAGE_SIZE, RW | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	emit(q, 13);
	line("writable and executable: %d", call(q));
	say("unmapped", sys_munmap(p + PAGE_SIZE, PAGE_SIZE));
	say_status("called then", in_child(call, p + PAGE_SIZE));
	line("the other still returns %d", call(q));
	say("unmapped", sys_munmap(q, PAGE_SIZE));
	say_status("called then", in_child(call, q));
	return 0;
}
