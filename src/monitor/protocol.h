/*
 * protocol.h - how a container's monitor is started, and what is said at its socket.
 *
 * Start. The process that launched the container executes onggi-monitor and so becomes it: the
 * container is the monitor's child. Everything it needs is open already, at fixed numbers (enum
 * monitor_fd); the rest are arguments, in this order:
 *
 *	onggi-monitor [name=value ...] -- program [argument ...] [-- health-check [argument ...]]
 *
 *	id=ID             for messages
 *	terminal=1        MONITOR_OUTPUT is the master of a terminal; it takes the input, too
 *	input=1           MONITOR_INPUT stays open until a client closes it; else closed at once
 *	input-once=1      it is closed also when the client that has HELLO_INPUT goes away
 *	hold=1            reads no output before the first client that wants output is there
 *	log=json-file     or k8s-file, or none
 *	log-file=NAME     in MONITOR_DIRECTORY, or absolute; older ones are NAME.1, NAME.2, ...
 *	log-size=BYTES    when a log file is rotated; 0: never
 *	log-files=N       how many there may be, from 1
 *	log-attrs=JSON    an object that goes into each entry of json-file
 *	timeout=SECONDS   kills the container then; 0: never
 *	stop-signal=N     what the container gets when the monitor gets SIGTERM; default: SIGTERM
 *	sync=1            exit.json survives a power cut; not worth its milliseconds with --rm
 *	memory-events=F   absolute path of the group's memory.events (v2) or memory.oom_control (v1)
 *	memory-peak=F     absolute path of memory.peak (v2) or memory.max_usage_in_bytes (v1)
 *	health-interval=NS, health-timeout=NS, health-start-period=NS, health-start-interval=NS,
 *	health-retries=N  when the health check is run; without an interval it never is
 *	health-failure=W  what a container that has become unhealthy gets: none, kill or stop
 *
 * The end. The monitor reaps its child, copies what output is left, writes exit.json into
 * MONITOR_DIRECTORY by rename, sends PACKET_EXIT to all clients, and executes the program behind
 * "--", with MONITOR_ATTACH still open at its number: there the engine undoes what the container
 * left behind, or starts it again and becomes its monitor anew. The clients' connections are open
 * in that program, too, at numbers from MONITOR_FDS_END: what reads until end of file knows that
 * the container is cleaned up; a program that starts it again closes them first (close_range).
 *
 * exit.json is an object with the keys of struct exit_record (engine/record.h): finished, code,
 * signal, oomKilled, timedOut, oomKills, memoryPeak. More keys: "stopping", true if the monitor was
 * told to end (SIGTERM: the host goes down), so that no restart policy applies; "unhealthy", true
 * if it was ended because of its health check; "unknown", true if nobody can know the code (255
 * then); "logLost", how many entries could not be written, and "logError", why.
 *
 * health.json is what inspect shows as State.Health: Status ("starting", "healthy", "unhealthy"),
 * FailingStreak, and Log, the last five checks with Start, End, ExitCode and Output. The check has
 * succeeded if its program exits with 0; what it writes to standard output and error is kept, up
 * to MONITOR_HEALTH_OUTPUT bytes.
 *
 * Talk. Clients connect to the socket (SOCK_SEQPACKET, "attach" in the monitor's directory). Each
 * packet begins with a byte that says what it is; numbers are in the machine's byte order. A client
 * that connected and said hello before the monitor was executed gets every byte of output. Output
 * waits for the slowest client, in the container's pipe: for ever if it asked for that with
 * HELLO_PATIENT (run in the foreground), else for MONITOR_PATIENCE_MS, then it is closed. A client
 * that breaks these rules is closed.
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
	PACKET_INPUT = 'I',  /* bytes for standard input; none: its end, which a terminal ignores */
	PACKET_RESIZE = 'R', /* struct packet_resize */
	/* From the monitor. */
	PACKET_OUTPUT = 'O', /* bytes of standard output */
	PACKET_ERRORS = 'E', /* bytes of standard error */
	PACKET_EXIT = 'X',   /* struct packet_exit; the last one */
};

enum { PACKET_MAX = 16384 }; /* bytes, the first one included */

/* What a client wants to get. All get PACKET_EXIT. */
enum {
	HELLO_OUTPUT = 1u << 0,
	HELLO_ERRORS = 1u << 1,
	HELLO_INPUT = 1u << 2,   /* may send PACKET_INPUT */
	HELLO_PATIENT = 1u << 3, /* output waits for it as long as it takes */
};

enum { MONITOR_CLIENTS = 64, MONITOR_PATIENCE_MS = 10'000, MONITOR_HEALTH_OUTPUT = 4096 };

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
