/*
 * helper.h - runs onggi-archive, which streams tar for us, and reads its answers.
 *
 * It is found beside this program, where it was installed, or in $ONGGI_LIBEXEC.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/list.h"

struct helper_call {
	const char *operation, *root;
	const struct text_list *args; /* behind those two; NULL for none */
	int in, out;                  /* its standard input and output, borrowed; -1: /dev/null */
};

/* Runs it to its end. Its answers: a list of `const struct json *`, in the arena. */
[[nodiscard]] struct err *helper_run(
	const struct helper_call *c, struct arena *a, struct list *answers);
