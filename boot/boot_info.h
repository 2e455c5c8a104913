/* The structure stands where its readers can include it; boot/ fills it in. */
#pragma once

#include "mm/phys/boot_info.h"
