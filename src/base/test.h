/*
 * test.h - unit tests that live beside the code: err.c has err_test.c.
 *
 * TEST(name) registers itself; there is no list to maintain. Each test runs in a process of its
 * own under a time limit, and fails if it leaves a descriptor open. cmocka runs them.
 */
#pragma once
#include "base/buf.h"
#include <stdio.h>
#include <stdlib.h>

struct test {
	const char *file, *name;
	void (*run)(void);
};

/* Defines and registers a test. */
#define TEST(fn)                                                                                   \
	static void fn(void);                                                                      \
	static const struct test fn##_test = { __FILE__, #fn, fn };                                \
	static const struct test *const fn##_entry __attribute__((section("onggi_tests"), used)) = \
		&fn##_test;                                                                        \
	static void fn(void)

/* Ends the test unless @cond holds. */
#define CHECK(cond)           ((cond) ? (void)0 : test_failed(__FILE__, __LINE__, "%s", #cond))
/* Ends the test, showing both, unless the texts are equal. */
#define CHECK_TEXT(got, want) test_same_text(__FILE__, __LINE__, (got), (want))

/* Prints the place and the reason and ends the test. */
_Noreturn void test_failed(const char *file, int line, const char *fmt, ...) printf_like(3, 4);
/* What CHECK_TEXT calls. */
void test_same_text(const char *file, int line, const char *got, const char *want);
/* Ends the test as skipped, with the reason. */
_Noreturn void test_skipped(const char *why);
