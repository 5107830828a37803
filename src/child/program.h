/*
 * program.h - how the child program and its plan come together in one file.
 *
 * The program has two segments: its code and constants, and behind them one at a fixed address
 * that begins with a struct packed_plan. As linked, that segment holds no more than the empty
 * structure; a launch puts its own plan there, made for that address (image.c). So the kernel has
 * mapped the plan, writable and private, before the first instruction runs.
 */
#pragma once
#include "plan/plan.h"

/* Where the plan's segment begins; the linker is told so in meson.build. */
#define PROGRAM_PLAN_ADDRESS 0x20000000ull
