/*
 * bpf_sim.h - runs a seccomp program on paper, for tests: what would the kernel answer?
 */
#pragma once
#include "base/bytes.h"
#include <linux/seccomp.h>
#include <stdint.h>

/* The SECCOMP_RET_* value for @data; *@steps, unless NULL, counts instructions. Ends the test if
 * the program does what the kernel's checker would refuse. */
uint32_t bpf_sim(struct bytes program, const struct seccomp_data *data, unsigned *steps);
