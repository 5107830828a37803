#include "runtime/document.h"
#include "base/json_write.h"

void document_write(const struct document *d, struct buf *out)
{
	struct json_writer w = { .out = out };
	json_open(&w, NULL, '{');
	json_text(&w, "ociVersion", d->oci_version);
	json_text(&w, "id", d->id);
	json_text(&w, "status", d->status);
	if (d->pid)
		json_int(&w, "pid", d->pid);
	json_text(&w, "bundle", d->bundle);
	if (d->annotations && d->annotations->n) {
		json_open(&w, "annotations", '{');
		for (size_t i = 0; i < d->annotations->n; i++)
			json_text(&w, d->annotations->items[i].key, d->annotations->items[i].value);
		json_close(&w, '}');
	}
	json_close(&w, '}');
}
