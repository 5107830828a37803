/* bytes.h - borrowed bytes with a length. */
#pragma once
#include <stddef.h>

struct bytes {
	const void *p;
	size_t n;
};
