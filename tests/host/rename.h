/*
 * Put before every kernel source that is built for the host: names whose meaning in the kernel differs from
 * the C library's get another name, so that both are in the program. memcpy and its like stay
 * the C library's, which AddressSanitizer watches.
 */
#define vsnprintf pagoda_vsnprintf
#define snprintf  pagoda_snprintf
