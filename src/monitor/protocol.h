/*
 * protocol.h - how a container's monitor is started, and what is said at its socket.
 *
 * Start. The process that launched the container executes onggi-monitor and so becomes it: the
 * container is the monitor's child. Everything it needs is open already, at fixed numbers (enum
 * monitor_fd); the rest are arguments, in this order:
 *
 *	onggi-monitor [name=value ...] -- program [argument ...]
 *
 *	id=ID             for messages
 *	terminal=1        MONITOR_OUTPUT is the master of a terminal; it takes the input, too
 *	input=1           MONITOR_INPUT stays open until a client closes it; else it is closed at once
 *	hold=1            reads no output before the first client that wants output is there
 *	log=json-file     or k8s-file, or none
 *	log-size=BYTES    when a log file is rotated; 0: never
 *	log-files=N       how many there may be
 *	timeout=SECONDS   kills the container then; 0: never
 *	memory-events=F   absolute path of the group's memory.events (v2) or memory.oom_control (v1)
 *	memory-peak=F     absolute path of memory.peak, if there is one
 *
 * The end. The monitor reaps its child, copies what output is left, writes exit.json (struct
 * exit_record in engine/record.h) into MONITOR_DIRECTORY by rename, tells all clients, and executes
 * the program behind "--", with MONITOR_ATTACH still open at its number: there the engine undoes
 * what the container left behind, or starts it again and becomes its monitor anew.
 *
 * Talk. Clients connect to the socket (SOCK_SEQPACKET, "attach" in the monitor's directory). Each
 * packet begins with a byte that says what it is; numbers are in the machine's byte order.
 */
#pragma once
#include <stdint.h>

enum monitor_fd {
	MONITOR_PIDFD = 3, /* of the container's process */
	MONITOR_INPUT,     /* the write end of the pipe that is its standard input */
	MONITOR_OUTPUT,    /* the read end of its standard output's; or the terminal's master */
	MONITOR_ERRORS,    /* the read end of its standard error's; with a terminal: /dev/null */
	MONITOR_ATTACH,    /* listens */
	MONITOR_DIRECTORY, /* containers/<id>: exit.json and the log files are made here */
	MONITOR_FDS_END,
};

enum monitor_packet {
	/* From clients. */
	PACKET_HELLO = 'H',  /* struct packet_hello; the first of each client */
	PACKET_INPUT = 'I',  /* bytes for standard input; none: end of file */
	PACKET_RESIZE = 'R', /* struct packet_resize */
	/* From the monitor. */
	PACKET_OUTPUT = 'O', /* bytes of standard output */
	PACKET_ERRORS = 'E', /* bytes of standard error */
	PACKET_EXIT = 'X',   /* struct packet_exit; the last one */
};

enum { PACKET_MAX = 16384 }; /* bytes, the first one included */

/* What a client wants to get. All get PACKET_EXIT. */
enum { HELLO_OUTPUT = 1u << 0, HELLO_ERRORS = 1u << 1, HELLO_INPUT = 1u << 2 };

struct packet_hello {
	uint8_t kind, flags;
};
struct packet_resize {
	uint8_t kind, unused;
	uint16_t rows, columns;
};
struct packet_exit {
	uint8_t kind, oom_killed, unused[2];
	int32_t code; /* 128+n for signals */
};
_Static_assert(sizeof(struct packet_resize) == 6 && sizeof(struct packet_exit) == 8,
	"packets have no holes");
