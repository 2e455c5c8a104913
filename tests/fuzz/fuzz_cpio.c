/* Any bytes as a boot archive. */
#include "tests/fuzz/fuzz.h"
#include "fs/cpio.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct cpio_iter iter;
	struct cpio_entry entry;
	size_t last = 0;
	int ret;

	cpio_start(&iter, data, size);
	while ((ret = cpio_next(&iter, &entry)) == 1) {
		const u8 *contents = entry.data;

		REQUIRE(iter.pos >= last + 110 && iter.pos <= size);
		last = iter.pos;
		REQUIRE(contents >= data && entry.size <= (size_t)(data + size - contents));
		REQUIRE((const u8 *)entry.name > data && strlen(entry.name) < 4096);
		REQUIRE(entry.name[0] != '/');
		for (const char *p = entry.name; p;
		     p = strchr(p, '/') ? strchr(p, '/') + 1 : NULL) {
			REQUIRE(strcmp(p, "..") && strncmp(p, "../", 3));
			REQUIRE(strcspn(p, "/") <= 255);
		}
	}
	if (ret)
		REQUIRE(iter.error && iter.error_offset <= size);
	return 0;
}
