/*
 * sys_calls.h - the system calls of struct sys, one typed function each: what they take is what
 * the kernel takes, and they return what the kernel returns, >= 0 or -errno. The manual page of
 * each call is its contract; comments say what differs.
 *
 * Nothing here needs a C library at run time; the headers are used for types and numbers only.
 */
#pragma once
#include "kernel/sys_files.h"
#include "kernel/sys_mounts.h"
#include "kernel/sys_process.h"
