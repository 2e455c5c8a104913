/* A library of nothing but PAGES pages of constants, called NAME. */
const char NAME[PAGES * 4096] __attribute__((aligned(4096))) = {PAGES};
