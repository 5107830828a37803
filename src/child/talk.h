/*
 * talk.h - messages between the child and who waits for it: the parent at SLOT_SYNC, after the gate
 * the start command at SLOT_STARTER.
 *
 * Messages are whole struct message, always: the sockets may keep boundaries or not.
 */
#pragma once
#include "child/runner.h"

/* Sends @m on @sock. -EPIPE, not a signal, if nobody is there; once a filter is loaded with plain
 * write(), which filters allow. */
int talk_send(struct runner *r, int sock, const struct message *m);
/* Waits for a whole message. -EPIPE at end of file. */
int talk_receive(struct runner *r, int sock, struct message *m);
/* Who is interested now: the descriptor, or -1. */
int talk_partner(const struct runner *r);
/* Tells the start command, once, that everything is ready and the command is next. If there is none
 * (any more) nothing is said: the start was asked for. */
int talk_starting(struct runner *r);
