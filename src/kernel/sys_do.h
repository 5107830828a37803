/* sys_do.h - how the functions of sys_calls.h make a call. */
#pragma once
#include "kernel/compat.h"
#include "kernel/sys.h"

/* Makes @call with up to six arguments, each a number or an address. */
#define SYS_DO(k, call_, ...) ((k)->call((k), (call_), SYS_ARGS(__VA_ARGS__)))
