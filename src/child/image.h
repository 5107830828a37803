/*
 * image.h - the child program, ready to be executed.
 *
 * A launch writes what child_image() makes into a file that can be executed (a memfd with
 * MFD_EXEC, sealed), clones, and executes the file (execveat with AT_EMPTY_PATH). How the new
 * process must be when it does:
 *
 * - The descriptors in @slots are open in it, under these numbers, and not close-on-exec. 0, 1 and
 *   2 are open, too, and are not among them. Arguments and environment do not matter.
 * - SLOT_SYNC is one end of a unix socket pair that keeps message boundaries.
 * - No signal is blocked or ignored: the container's command would inherit that.
 *
 * What it does then:
 *
 * - It runs with umask 0 until OP_UMASK, which every plan with OP_EXEC has.
 * - OP_POST and OP_AWAIT send and expect whole struct message on SLOT_SYNC.
 * - OP_REFORK sends MESSAGE_STAGE, STAGE_FORKED, with the new pid; then this process exits with 0.
 *   The new one is the parent's child, too, and goes on.
 * - OP_CONSOLE sends one message on SLOT_CONSOLE: the descriptor of the terminal's master, and
 *   its name, "/dev/pts/0", as data; then it closes the socket.
 * - OP_GATE closes SLOT_SYNC and waits at SLOT_GATE, a listening stream socket. Whoever connects
 *   and sends a byte is SLOT_STARTER from then on; whoever connects and sends none is ignored.
 * - MESSAGE_STARTING goes to SLOT_STARTER, if there is one, before OP_SECCOMP or OP_EXEC, whichever
 *   comes first. End of file after it means that the command has been executed.
 * - OP_SECCOMP with a listener sends MESSAGE_LISTENER with its number to SLOT_STARTER, or before
 *   the gate to SLOT_SYNC, and waits for a MESSAGE_LISTENER in return: it says that the descriptor
 *   has been taken (pidfd_getfd). The filter must allow write and read.
 * - A failure is sent as MESSAGE_FAULT to SLOT_STARTER, or before the gate to SLOT_SYNC; the exit
 *   status is 1.
 */
#pragma once
#include "plan/plan.h"

/* Appends to @out, which must be empty, the file of a program that executes @p. */
void child_image(const struct plan *p, const int *slots, int n_slots, struct buf *out);
