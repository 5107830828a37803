/*
 * settings.h - what the monitor is told in its arguments (protocol.h has the list).
 *
 * All texts are the arguments themselves; nothing is copied.
 */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>

enum log_form { LOG_FORM_JSON, LOG_FORM_K8S, LOG_FORM_NONE, LOG_FORMS };
enum health_failure { FAILURE_NONE, FAILURE_KILL, FAILURE_STOP, FAILURES };

struct health_settings {
	int64_t interval, timeout, start_period, start_interval; /* nanoseconds; interval 0: none */
	int64_t retries;
	int64_t failure; /* enum health_failure */
};

struct log_settings {
	int64_t form;      /* enum log_form */
	const char *file;  /* NULL: none */
	const char *attrs; /* JSON, or NULL */
	int64_t size;      /* 0: one file without end */
	int64_t files;     /* from 1 */
};

struct settings {
	const char *id;
	bool terminal, input, input_once, hold, sync;
	int64_t timeout; /* seconds; 0: none */
	int64_t stop_signal;
	const char *memory_events, *memory_peak; /* absolute paths or NULL */
	struct log_settings log;
	struct health_settings health;
	char **program; /* ends with NULL; executed at the end */
	char **check;   /* the health check's, NULL if there is none */
};

/* Reads the arguments behind the program's name, a list that ends with NULL. Puts a NULL in the
 * place of the second "--". What is not known or not possible is an error. */
[[nodiscard]] struct err *settings_read(char **words, struct settings *out);
