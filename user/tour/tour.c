/* The tour's frame: chapters, claims and their count. */
#include "user/tour/tour.h"

static int chapters, claims, hold, unseen;

void chapter(const char *title)
{
	char line[80];
	int len = snprintf(line, sizeof(line), "--- %d. %s ", ++chapters, title);

	if (len > 78)
		len = 78;
	memset(line + len, '-', 78 - len);
	line[78] = '\0';
	printf("\n%s\n", line);
}

void claim(int verdict, const char *format, ...)
{
	static const char *const words[] = {[NO] = "NOT SO", [YES] = "ok", [UNSEEN] = "unseen"};
	char text[128];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	claims++;
	hold += verdict == YES;
	unseen += verdict == UNSEEN;
	printf("  * %-66s %s\n", text, words[verdict]);
}

int main(void)
{
	struct new_utsname name = {.sysname = "?"};

	sys_uname(&name);
	printf("tour: how this kernel (%s %s) manages memory, in figures that it gives itself\n",
	       name.sysname, name.release);
	tour_walk();
	tour_zones();
	tour_buddy();
	tour_slab();
	tour_lazy();
	tour_cow();
	tour_segv();
	printf("\ntour: %d claims, %d hold", claims, hold);
	if (unseen)
		printf(", %d cannot be seen here", unseen);
	printf("\n");
	return claims - unseen == hold ? 0 : 1;
}
