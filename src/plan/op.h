/*
 * op.h - the operations of a launch, as data.
 *
 * A plan is an array of operations with every argument resolved. It is made before anything is
 * done, and read by three: the executors (src/child in the container's process, runtime/launch in
 * the parent), `explain`, which prints it, and the tests. What an operation's arguments are stands
 * once more, as data, in op_table.c: packing, printing and checking are loops over that table.
 *
 * A value that exists only at run time, a descriptor, is named by a slot: a small number into the
 * array of descriptors that each executor keeps. NO_SLOT means "none".
 *
 * Paths: `target` and `path` of operations on the container's files are relative to SLOT_ROOT and
 * are resolved beneath it, never through a string the container could have changed; `host` paths
 * are absolute paths of the caller.
 */
#pragma once
#include "base/bytes.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NO_SLOT = -1,
	SLOT_SYNC = 0, /* the socket between parent and child */
	SLOT_ROOT,     /* the root directory of the container, mounted */
	SLOT_PROC,     /* a procfs of our own, attached nowhere */
	SLOT_NULL,     /* the host's /dev/null, a tree of OP_SOURCE, for masks */
	SLOT_EMPTY,    /* an empty read-only tmpfs, of OP_MOUNT without a target, for masks */
	SLOT_GATE,     /* the listening socket at which a created container waits for start */
	SLOT_STARTER,  /* the connection of the start command, accepted at the gate */
	SLOT_CONSOLE,  /* the socket that gets the terminal's master side */
	SLOT_TTY,      /* the terminal's slave side */
	SLOT_CGROUP,   /* the directory for CLONE_INTO_CGROUP */
	SLOT_FREE,     /* the planner numbers its own from here */
	SLOTS_MAX = 16384,
};

enum op_kind {
	/* Both sides: they meet. The peer's post lets the other's await of the same stage pass. */
	OP_POST,
	OP_AWAIT,

	/* The parent. */
	OP_RECORD,         /* writes the record from which delete can undo what follows */
	OP_SCOPE,          /* asks systemd for a scope */
	OP_CGROUP_MAKE,    /* makes a control group directory */
	OP_CGROUP_SET,     /* writes one of its files */
	OP_CGROUP_DEVICES, /* attaches the program that decides on device access (v2) */
	OP_CGROUP_OWNER,   /* lets a user make groups below it (v2) */
	OP_OPEN,           /* opens a host file into a slot */
	OP_CONNECT,        /* connects to a unix socket */
	OP_GATE_MAKE,      /* makes the socket at which the container waits for start */
	OP_USERNS,         /* makes a user namespace that only holds id maps */
	OP_CLONE,          /* makes the container's process */
	OP_TAKE_PID,       /* learns the process that OP_REFORK made */
	OP_ID_MAP,         /* writes the id maps of the child's new user namespace */
	OP_OOM_SCORE,      /* writes its oom_score_adj */
	OP_NET_DEVICE,     /* moves a network interface into its namespace */
	OP_RDT,            /* puts it into a resctrl group */
	OP_HOOK,           /* runs an OCI hook */
	OP_COMMIT,         /* completes the record with the process */
	OP_PID_FILE,       /* tells the caller the process */

	/* Either side, before the container's root is in place: host objects. */
	OP_SOURCE, /* clones a host mount tree, detached, with its attributes */

	/* The child: its place. */
	OP_UNDUMPABLE,    /* no other process may look into this one */
	OP_JOIN_CGROUP,   /* v1: writes 0 to the tasks file in a slot */
	OP_SETNS,         /* joins the namespaces of a descriptor */
	OP_UNSHARE,       /* makes namespaces that act on the caller */
	OP_REFORK,        /* goes on in a new process, with new namespaces; may come twice */
	OP_BECOME_ROOT,   /* becomes user 0 of the user namespace */
	OP_SESSION,       /* setsid */
	OP_KEYRING,       /* a session keyring of its own */
	OP_LOOPBACK,      /* brings lo of a new network namespace up */
	/* The child: its files. */
	OP_PROPAGATE,     /* how mount events travel below the old or the new root */
	OP_ROOT,          /* mounts the root file system onto itself: SLOT_ROOT */
	OP_PROC_OPEN,     /* opens SLOT_PROC: a procfs of the pid namespace this process is in */
	OP_PROC_WRITE,    /* writes a file of SLOT_PROC */
	OP_MOUNT,         /* makes a file system and attaches it */
	OP_ATTACH,        /* attaches a detached tree */
	OP_ATTR,          /* changes attributes of what is mounted at a target */
	OP_DEVICE,        /* makes a device node */
	OP_SYMLINK,       /* makes a symbolic link unless something is there */
	OP_MASK,          /* hides a path; one that is not there is left alone. The trees in
	                   * SLOT_NULL and SLOT_EMPTY serve many: before Linux 6.15 a detached tree
	                   * can't be cloned, one that has been attached can */
	OP_READONLY,      /* makes a path read-only; one that is not there is left alone */
	OP_CONSOLE,       /* allocates a terminal and sends its master to SLOT_CONSOLE; below "/" where
	                   * there is no SLOT_ROOT (exec) */
	OP_PIVOT,         /* makes SLOT_ROOT the root and detaches the old one */
	OP_MOVE_ROOT,     /* the same where pivot_root can't work: MS_MOVE and chroot */
	OP_CHDIR,         /* the working directory; nothing once it is reached */
	/* The child: what the process is. */
	OP_HOSTNAME,
	OP_DOMAINNAME,
	OP_TTY,           /* makes the terminal in SLOT_TTY the controlling one and 0, 1, 2 */
	OP_STDIO_OWNER,   /* gives 0, 1, 2 to the user, so that /dev/stdout can be opened again */
	OP_RLIMIT,
	OP_SCHEDULER,
	OP_IO_PRIORITY,
	OP_AFFINITY,
	OP_MEMORY_POLICY,
	OP_PERSONALITY,
	OP_UMASK,         /* the child works with 0: every plan that ends in OP_EXEC has this */
	OP_FIND_COMMAND,  /* decides which file OP_EXEC executes; none is an error here already. Comes
	                   * after OP_IDENTITY, so the user's permissions count */
	OP_GATE,          /* waits at SLOT_GATE for the start command */
	OP_BOUNDING,      /* drops all capabilities but these from the bounding set */
	OP_IDENTITY,      /* groups, group, user; keeps the permitted capabilities and makes all of
	                   * them effective again: OP_SECCOMP without no_new_privs needs
	                   * CAP_SYS_ADMIN. The end of them is OP_CAPS */
	OP_NO_NEW_PRIVS,
	OP_CLOSE_FDS,     /* empties the slots but those of the talk; lets no descriptor from a number
	                   * on survive exec */
	OP_SECCOMP,       /* loads the filter. What the child has to say to SLOT_STARTER before the
	                   * command runs is said before: the filter may not allow it */
	OP_CAPS,          /* effective, permitted, inheritable, ambient */
	OP_EXEC,
	OP_KINDS,
};

/* How the two sides name their meetings. */
enum stage {
	STAGE_FORKED = 'p', /* child: OP_REFORK made the process whose pid the message carries */
	STAGE_MAPPED = 'm', /* parent: the id maps are written */
	STAGE_READY = 'r',  /* child: namespaces and mounts are made, the old root is still there */
	STAGE_HOOKED = 'h', /* parent: hooks have run, interfaces are moved */
	STAGE_CREATED = 'c', /* child: everything is made; next is the gate, or the last hooks */
	STAGE_RUNS = 'x',    /* child: OP_EXEC has succeeded. Not a message but the end of file */
};

/* Flags of OP_MOUNT and OP_ATTACH. */
enum {
	MOUNT_COPY_UP = 1u << 0,     /* fill the new file system from what it hides, owner included */
	MOUNT_NO_CREATE = 1u << 1,   /* a target that is not there is an error */
	MOUNT_PLAIN_DIR = 1u << 2,   /* the target must be a directory reached through no link */
	MOUNT_NO_SYMLINK = 1u << 3,  /* the target's last component may not be a link */
	MOUNT_ONLY_PROC = 1u << 4,   /* OP_ATTACH: the tree must be the root of a procfs */
	MOUNT_IN_PROC = 1u << 5,     /* the target may lie in a procfs; else that is an error */
	MOUNT_KEEP_MODE = 1u << 6,   /* the new file system's root gets the permissions of a
	                              * directory that is there already ("mode=") */
};

struct op {
	enum op_kind kind;
	bool may_fail;   /* a failure is passed over: `explain` says so */
	const char *why; /* for people: "private /proc" */
	union {
		struct {
			char stage;
		} sync; /* OP_POST, OP_AWAIT */
		struct {
			const char *name, *slice, *description; /* onggi-x.scope, system.slice */
			const char *const *properties;          /* "MemoryMax=t 1048576": D-Bus type, value */
			const char *path;                       /* where systemd puts it: /system.slice/... */
			bool user;                              /* the user's systemd, not the system's */
		} scope;
		struct {
			const char *host; /* absolute directory below a cgroup mount */
		} cgroup_make;
		struct {
			const char *host, *file; /* directory, file in it */
			const char *text;        /* each line is a write of its own; NULL: what the
			                          * parent group has, where the file is empty */
			const char *or_file, *or_text; /* written where @file is not there, or NULL */
		} cgroup_set;
		struct {
			const char *host;
			struct bytes program; /* of struct bpf_insn */
		} cgroup_devices;
		struct {
			const char *host;
			uint32_t uid;
		} cgroup_owner;
		struct {
			const char *host;
			int flags; /* O_*; O_CLOEXEC is added */
			int slot;
		} open;
		struct {
			const char *host;
			int slot;
		} connect; /* also OP_GATE_MAKE, whose host is the socket to be made */
		struct {
			const char *uid_map, *gid_map; /* lines "inside outside count" */
			int slot;                      /* OP_USERNS: gets the namespace */
			bool deny_setgroups;
		} id_map; /* OP_ID_MAP, OP_USERNS */
		struct {
			uint64_t flags; /* CLONE_NEW*; CLONE_INTO_CGROUP if SLOT_CGROUP is to be used */
		} clone; /* OP_CLONE, OP_REFORK */
		struct {
			int64_t value;
		} number; /* OP_OOM_SCORE, OP_PERSONALITY, OP_UMASK, OP_IO_PRIORITY, OP_CLOSE_FDS */
		struct {
			const char *name, *new_name;
		} net_device;
		struct {
			const char *host;              /* /sys/fs/resctrl/closid */
			const char *const *schemata;   /* lines; none leaves it as it is */
			bool create;
			const char *monitor;           /* a group below mon_groups, made, or NULL */
		} rdt;
		struct {
			const char *point;             /* "createRuntime" */
			const char *host;              /* its path */
			const char *const *argv, *const *env;
			int64_t timeout;               /* seconds; 0 for none */
			bool inside;                   /* runs in the container's namespaces */
		} hook;
		struct {
			const char *host;
		} path; /* OP_PID_FILE */
		struct {
			const char *host;
			int slot;                     /* gets the detached tree */
			int userns;                   /* slot of the id maps, or NO_SLOT */
			bool recursive, recursive_idmap;
			uint64_t set, clear;          /* MOUNT_ATTR_*, of the topmost mount */
			uint64_t rset, rclear;        /* of all mounts in the tree */
			uint64_t propagation;         /* MS_SHARED ...; 0 leaves it */
			bool propagation_recursive;
		} source;
		struct {
			int slot;
			uint64_t flags; /* OP_SETNS: CLONE_NEW* expected; OP_UNSHARE: CLONE_NEW* */
		} ns; /* OP_SETNS, OP_UNSHARE, OP_JOIN_CGROUP */
		struct {
			const char *text;
		} text; /* OP_KEYRING, OP_HOSTNAME, OP_DOMAINNAME */
		struct {
			bool new_root;  /* of SLOT_ROOT ("/" after the pivot), else of the old "/" */
			bool recursive;
			uint64_t flags; /* MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE */
		} propagate;
		struct {
			const char *host;
			int from;              /* slot of a prepared tree, or NO_SLOT: clone host */
		} root;
		struct {
			const char *path, *text; /* path below SLOT_PROC: "sys/kernel/shmmax" */
		} proc_write;
		struct {
			const char *type, *source;
			const char *const *params; /* "size=64m", "ro": as fsconfig() takes them */
			const char *target;        /* NULL: stays detached in slot */
			int slot;                  /* gets the mount, or NO_SLOT */
			uint64_t attrs;            /* MOUNT_ATTR_* */
			uint64_t propagation;      /* MS_*; 0 leaves it */
			bool propagation_recursive;
			uint32_t flags;            /* MOUNT_* */
		} mount;
		struct {
			int slot; /* emptied */
			const char *target;
			uint32_t flags; /* MOUNT_* */
		} attach;
		struct {
			const char *target;           /* "" is SLOT_ROOT itself */
			uint64_t set, clear, rset, rclear, propagation;
			bool propagation_recursive;
		} attr;
		struct {
			const char *path;
			uint32_t mode; /* S_IFCHR, S_IFBLK or S_IFIFO and permissions */
			uint32_t major, minor, uid, gid;
		} device;
		struct {
			const char *path, *text;
		} symlink;
		struct {
			const char *path;
		} inside; /* OP_MASK, OP_READONLY */
		struct {
			uint16_t rows, columns; /* 0 leaves the kernel's */
			bool on_dev_console;    /* bind it on /dev/console */
			uint32_t uid;           /* who owns the slave side */
		} console;
		struct {
			const char *path;
			bool create; /* make it if it is not there */
		} chdir;
		struct {
			uint32_t resource;
			uint64_t soft, hard;
		} rlimit;
		struct {
			struct bytes data; /* OP_SCHEDULER: kernel_sched_attr; OP_AFFINITY: the mask */
		} raw;
		struct {
			int64_t mode;
			struct bytes nodes; /* a bit mask */
		} memory_policy;
		struct {
			uint32_t uid, gid;
			struct bytes groups; /* of uint32_t */
			bool keep_groups;    /* setgroups is not called */
		} identity; /* also OP_STDIO_OWNER */
		struct {
			uint64_t effective, permitted, inheritable, ambient;
		} caps; /* OP_CAPS; OP_BOUNDING uses permitted */
		struct {
			struct bytes filter; /* of struct sock_filter */
			uint32_t flags;      /* SECCOMP_FILTER_FLAG_* */
			bool notify;         /* tell the listener's number, and wait for the answer, on
			                      * SLOT_STARTER if there was a gate, else on SLOT_SYNC */
		} seccomp;
		struct {
			const char *command;             /* as it was asked for, for messages */
			const char *const *candidates;   /* absolute paths, in the order of PATH */
			const char *const *argv, *const *env;
		} exec; /* OP_FIND_COMMAND, OP_EXEC */
	};
};

struct plan {
	const struct op *ops; /* in the launch's arena, like everything they point to */
	size_t n;
};

/*
 * What a child that has no C library can say: which operation failed, at which system call, and
 * how. Sent as raw bytes. @what repeats the operation's purpose for a reader who does not have the
 * plan: the start command.
 */
struct fault {
	uint32_t op;   /* index into the plan */
	int32_t num;   /* errno; 0 means no fault */
	uint32_t call; /* enum sys_call; SYS_NONE where a check failed */
	uint32_t kind; /* enum op_kind */
	char what[240];
};
_Static_assert(sizeof(struct fault) <= 512, "one send is atomic");

/* One message on the sync socket or to the start command: a stage, with the pid for STAGE_FORKED; a
 * fault; a seccomp listener to be taken, answered in kind; or that exec is next. Always sent whole. */
enum { MESSAGE_STAGE = 'S', MESSAGE_FAULT = 'F', MESSAGE_LISTENER = 'L', MESSAGE_STARTING = 'X' };
struct message {
	uint8_t kind;
	char stage;
	int32_t number; /* pid, or the number of the seccomp listener in the child */
	struct fault fault;
};
