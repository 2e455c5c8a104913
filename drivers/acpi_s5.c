/*
 * The package is a constant in every firmware seen, so that its bytes can be found:
 *
 *   08 ['\'] '_' 'S' '5' '_'   NameOp, name
 *   12 length count            PackageOp; length is 1-4 bytes, their number in the first one's top bits
 *   element element ...        00 | 01 | FF | 0A byte | 0B word | 0C dword
 *
 * (ACPI 6.4, 20.2.) A match that does not go on like this is the name in some other place: the search continues.
 */
#include "drivers/acpi_s5.h"
#include "lib/string.h"

#define AML_NAME_OP    0x08
#define AML_PACKAGE_OP 0x12
#define AML_ZERO       0x00
#define AML_ONE        0x01
#define AML_ONES       0xFF
#define AML_BYTE       0x0A
#define AML_WORD       0x0B
#define AML_DWORD      0x0C

#define SLP_TYP_MAX    7 /* three bits */

struct bytes {
	const u8 *at, *end;
};

static bool take(struct bytes *b, u8 *value)
{
	if (b->at == b->end)
		return false;
	*value = *b->at++;
	return true;
}

/* Only the low byte of a larger constant is looked at, the others are skipped. */
static bool take_integer(struct bytes *b, u8 *value)
{
	u8 op, rest;
	u32 more;

	if (!take(b, &op))
		return false;
	switch (op) {
	case AML_ZERO:
	case AML_ONE:
	case AML_ONES:
		*value = op;
		return true;
	case AML_BYTE:
		more = 0;
		break;
	case AML_WORD:
		more = 1;
		break;
	case AML_DWORD:
		more = 3;
		break;
	default:
		return false;
	}
	if (!take(b, value))
		return false;
	while (more--)
		if (!take(b, &rest))
			return false;
	return true;
}

/* b begins behind the name. */
static bool take_package(struct bytes b, u8 *slp_typa, u8 *slp_typb)
{
	u8 op, length, skipped, count, typa, typb;

	if (!take(&b, &op) || op != AML_PACKAGE_OP || !take(&b, &length))
		return false;
	for (u32 more = length >> 6; more; more--)
		if (!take(&b, &skipped))
			return false;
	if (!take(&b, &count) || count < 1 || !take_integer(&b, &typa))
		return false;
	/* One element stands for both registers where the firmware was lazy. */
	typb = typa;
	if (count > 1 && !take_integer(&b, &typb))
		return false;
	if (typa > SLP_TYP_MAX || typb > SLP_TYP_MAX)
		return false;
	*slp_typa = typa;
	*slp_typb = typb;
	return true;
}

bool acpi_find_s5(const u8 *aml, u32 len, u8 *slp_typa, u8 *slp_typb)
{
	const u8 *end = aml + len;
	const u8 *at = aml;

	while (end - at >= 4 && (at = memchr(at, '_', end - at - 3))) {
		bool named = at - aml >= 1 &&
			     (at[-1] == AML_NAME_OP ||
			      (at - aml >= 2 && at[-1] == '\\' && at[-2] == AML_NAME_OP));

		if (named && !memcmp(at, "_S5_", 4) &&
		    take_package((struct bytes){.at = at + 4, .end = end}, slp_typa, slp_typb))
			return true;
		at++;
	}
	return false;
}
