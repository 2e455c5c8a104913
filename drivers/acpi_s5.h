/* Finding what to write for power-off in ACPI's byte code, without an interpreter. */
#pragma once

#include "lib/compiler.h"

/*
 * Looks for the package \_S5 in the definition block aml (any bytes at all) and reads its first two
 * integers, the SLP_TYP values of PM1a_CNT and PM1b_CNT (ACPI 6.4, 7.4.2). => false: it is not there.
 */
bool acpi_find_s5(const u8 *aml, u32 len, u8 *slp_typa, u8 *slp_typb);
