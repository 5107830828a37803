/*
 * columns.h - text in columns: cells end with a tab, and come out padded with blanks.
 *
 * A column is as wide as its widest cell and three blanks, at least ten. It reaches over the lines
 * that follow one another and have it; the last cell of a line, which no tab ends, is in no column.
 * These are the rules that Docker's tables follow, to the byte.
 */
#pragma once
#include "base/buf.h"

/* Appends the lines of @text, aligned. */
void columns_align(struct str text, struct buf *out);
