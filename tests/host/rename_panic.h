/* Put before lib/panic.c, and by the test of it: check.c has a panic of its own, which ends a test. */
#define panic            pagoda_panic
#define panic_add_report pagoda_panic_add_report
#define panic_set_hook   pagoda_panic_set_hook
#define warn             pagoda_warn
#define warn_count       pagoda_warn_count
