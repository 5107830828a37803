#include "base/list.h"
#include "base/arena.h"

/* Room for how many texts a list of @n has: it doubles, so that nothing has to keep count. */
static size_t room_for(size_t n)
{
	size_t room = 4;
	while (room < n)
		room *= 2;
	return room;
}

void text_list_add(struct text_list *l, struct arena *a, const char *text)
{
	size_t room = room_for(l->n + 1);
	if (!l->items || room != room_for(l->n)) {
		const char **items = anew(a, const char *, room + 1);
		if (l->n)
			memcpy(items, l->items, l->n * sizeof(*items));
		l->items = items;
	}
	l->items[l->n++] = text;
	l->items[l->n] = NULL;
}
