/*
 * main.h - how onggi-archive is called: everything that streams tar, for onggi, which keeps the
 * libraries for it out of a program that starts containers. It decides no names.
 *
 *	load ROOT                      an archive of images on standard input
 *	layer ROOT [CHAIN]...          an archive that becomes a layer above others
 *	commit ROOT [CHAIN]...         the directory that is standard input, as such a layer
 *	export ROOT [DIR]...           the directory that is standard input, as a tar archive on
 *	                               standard output; with directories, what overlayfs makes of
 *	                               them (the lowest first) instead
 *	save ROOT DIGEST[=NAME]...     images, by manifest, to standard output
 *	unpack ROOT DIGEST...          the layers of images, by manifest
 *
 * Answers go to descriptor 3, a JSON object a line; the last is {"done":true} or
 * {"error":"...","kind":N,"hint":"..."}, the kind as in base/err.h.
 */
#pragma once

enum { REPORT = 3 };
