#include "plan/args.h"
#include "kernel/cap.h"
#include "kernel/flags.h"

static void show_caps(uint64_t flags, struct buf *out)
{
	cap_show(flags, out);
}

static void show_mode(uint64_t flags, struct buf *out)
{
	buf_add(out, "%#llo", (unsigned long long)flags);
}

static const struct word target_rows[] = {
	{ "COPY_UP", MOUNT_COPY_UP },
	{ "NO_CREATE", MOUNT_NO_CREATE },
	{ "PLAIN_DIR", MOUNT_PLAIN_DIR },
	{ "NO_SYMLINK", MOUNT_NO_SYMLINK },
	{ "ONLY_PROC", MOUNT_ONLY_PROC },
	{ "IN_PROC", MOUNT_IN_PROC },
	{ "KEEP_MODE", MOUNT_KEEP_MODE },
};
static const struct words target_flags = WORDS(target_rows);

/* What the bits of an argument mean follows from its name, and where several operations use the
 * same name, from the operation as well. */
static const struct flags_class {
	const char *name; /* of the argument */
	bool one_kind;    /* of operation @kind only */
	enum op_kind kind;
	const struct words *words;
	void (*show)(uint64_t flags, struct buf *out); /* in place of words */
} classes[] = {
	{ "flags", true, OP_OPEN, .show = open_flags_show },
	{ "flags", true, OP_PROPAGATE, &mount_flags },
	{ "flags", true, OP_MOUNT, &target_flags },
	{ "flags", true, OP_ATTACH, &target_flags },
	{ "flags", true, OP_SECCOMP, &seccomp_load_flags },
	{ "flags", .words = &clone_flags },
	{ "propagation", .words = &mount_flags },
	{ "mode", .show = show_mode },
	{ "effective", .show = show_caps },
	{ "permitted", .show = show_caps },
	{ "inheritable", .show = show_caps },
	{ "ambient", .show = show_caps },
	{ "set", .words = &mount_attr_flags },
	{ "clear", .words = &mount_attr_flags },
	{ "rset", .words = &mount_attr_flags },
	{ "rclear", .words = &mount_attr_flags },
	{ "attrs", .words = &mount_attr_flags },
};

static const struct flags_class *class_of(const struct op *op, const struct op_arg *arg)
{
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (!strcmp(classes[i].name, arg->name) &&
			(!classes[i].one_kind || classes[i].kind == op->kind))
			return &classes[i];
	return NULL;
}

void arg_flags_show(const struct op *op, const struct op_arg *arg, struct buf *out)
{
	uint64_t flags = (uint64_t)op_number(op, arg);
	const struct flags_class *class = class_of(op, arg);
	if (!class)
		buf_add(out, "%#llx", (unsigned long long)flags);
	else if (class->show)
		class->show(flags, out);
	else
		words_show(class->words, flags, out);
}

static void put_text(const struct op *op, const struct op_arg *arg, struct json_writer *w)
{
	json_text(w, arg->name, op_text(op, arg));
}

static void put_texts(const struct op *op, const struct op_arg *arg, struct json_writer *w)
{
	json_open(w, arg->name, '[');
	for (const char *const *t = op_texts(op, arg); t && *t; t++)
		json_text(w, NULL, *t);
	json_close(w, ']');
}

static void put_bytes(const struct op *op, const struct op_arg *arg, struct json_writer *w)
{
	struct bytes bytes = op_bytes(op, arg);
	cleanup(buf_done) struct buf hex = {};
	for (size_t i = 0; i < bytes.n; i++)
		buf_add(&hex, "%02x", ((const unsigned char *)bytes.p)[i]);
	json_text(w, arg->name, buf_text(&hex));
}

static void put_bool(const struct op *op, const struct op_arg *arg, struct json_writer *w)
{
	json_bool(w, arg->name, op_number(op, arg) != 0);
}

static void put_char(const struct op *op, const struct op_arg *arg, struct json_writer *w)
{
	json_text(w, arg->name, (const char[]){ (char)op_number(op, arg), 0 });
}

static void put_int(const struct op *op, const struct op_arg *arg, struct json_writer *w)
{
	json_int(w, arg->name, op_number(op, arg));
}

static void put_uint(const struct op *op, const struct op_arg *arg, struct json_writer *w)
{
	json_uint(w, arg->name, (uint64_t)op_number(op, arg));
}

static void put_flags(const struct op *op, const struct op_arg *arg, struct json_writer *w)
{
	cleanup(buf_done) struct buf names = {};
	arg_flags_show(op, arg, &names);
	json_text(w, arg->name, buf_text(&names));
}

static void put_slot(const struct op *op, const struct op_arg *arg, struct json_writer *w)
{
	int slot = (int)op_number(op, arg);
	cleanup(buf_done) struct buf name = {};
	slot_name(slot, &name);
	json_text(w, arg->name, slot == NO_SLOT ? NULL : buf_text(&name));
}

static void (*const put[])(const struct op *op, const struct op_arg *arg, struct json_writer *w) = {
	[ARG_TEXT] = put_text,
	[ARG_TEXTS] = put_texts,
	[ARG_BYTES] = put_bytes,
	[ARG_BOOL] = put_bool,
	[ARG_CHAR] = put_char,
	[ARG_INT] = put_int,
	[ARG_UINT] = put_uint,
	[ARG_FLAGS] = put_flags,
	[ARG_SLOT] = put_slot,
};
_Static_assert(ARRAY_LEN(put) == ARG_TYPES, "every type of argument can be written");

void args_json(const struct op *op, struct json_writer *w)
{
	const struct op_row *row = &op_table[op->kind];
	for (size_t i = 0; i < row->n_args; i++)
		put[row->args[i].type](op, &row->args[i], w);
}
