/* fuzz.h - what every driver includes: the entry that libFuzzer calls, and how to object. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* One input. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What must hold whatever the input is; otherwise the input is kept as a crash. */
#define HOLDS(cond) ((cond) ? (void)0 : abort())
