/* Character devices by number. There are a handful, so a list. */
#include "kernel/core/chardev.h"
#include "lib/err.h"
#include "lib/string.h"

LIST_HEAD(char_devices);

int char_device_register(struct char_device *dev)
{
	if (char_device_find(dev->major, dev->minor) || char_device_find_name(dev->name))
		return -EBUSY;
	list_add_tail(&dev->node, &char_devices);
	return 0;
}

struct char_device *char_device_find(u32 major, u32 minor)
{
	struct char_device *dev;

	list_for_each_entry (dev, &char_devices, node)
		if (dev->major == major && dev->minor == minor)
			return dev;
	return NULL;
}

struct char_device *char_device_find_name(const char *name)
{
	struct char_device *dev;

	list_for_each_entry (dev, &char_devices, node)
		if (!strcmp(dev->name, name))
			return dev;
	return NULL;
}
