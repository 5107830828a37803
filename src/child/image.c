#include "child/image.h"
#include "child/program.h"
#include "child/program_image.h"
#include <elf.h>
#include <string.h>

/* The plan's segment is the last one, so that it can have any size. */
static void set_plan_size(struct buf *file, size_t size)
{
	Elf64_Ehdr head;
	memcpy(&head, file->p, sizeof(head));
	size_t at = head.e_phoff + PROGRAM_PLAN_SEGMENT * sizeof(Elf64_Phdr);
	Elf64_Phdr segment;
	memcpy(&segment, file->p + at, sizeof(segment));
	segment.p_filesz = segment.p_memsz = size;
	memcpy(file->p + at, &segment, sizeof(segment));
}

void child_image(const struct plan *p, const int *slots, int n_slots, struct buf *out)
{
	buf_put(out, program_image, sizeof(program_image));
	plan_pack(p, slots, n_slots, PROGRAM_PLAN_ADDRESS, out);
	set_plan_size(out, out->n - sizeof(program_image));
}
