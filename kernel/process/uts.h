/* What uname(2) and /proc/version call the system. */
#pragma once

/* Programs compare the release with the Linux versions that they know; the name must be Linux for
 * the same reason. */
#define UTS_SYSNAME "Linux"
#define UTS_RELEASE "6.1.0-pagoda"
#define UTS_VERSION "#1 Pagoda"

#define UTS_SIZE    65u /* of each field, its NUL included (<linux/utsname.h>) */
extern char uts_nodename[UTS_SIZE], uts_domainname[UTS_SIZE];
