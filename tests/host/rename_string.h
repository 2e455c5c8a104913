/* Put before lib/string.c, and by the test of it: its own functions beside the C library's. */
#define memcpy  pagoda_memcpy
#define memmove pagoda_memmove
#define memset  pagoda_memset
#define memcmp  pagoda_memcmp
#define memchr  pagoda_memchr
#define strlen  pagoda_strlen
#define strnlen pagoda_strnlen
#define strcmp  pagoda_strcmp
#define strncmp pagoda_strncmp
#define strchr  pagoda_strchr
#define strrchr pagoda_strrchr
#define strstr  pagoda_strstr
