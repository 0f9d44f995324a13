//go:build clr && linux && amd64 && cgo

// Slots and their memory.
#define _GNU_SOURCE
#include "half.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

slot *clr_slots[SLOTS + 1];
static uint32_t made;

// clr_more_slots makes another block of slots. Go calls it, on one thread at a time.
int clr_more_slots(void) {
	uint32_t have = __atomic_load_n(&made, __ATOMIC_ACQUIRE);
	if (have == SLOTS) return -1;
	size_t own = (sizeof(slot) + 63) & ~(size_t)63;
	size_t each = ((own + HEAD + 4095) & ~(size_t)4095) + TEXT + IN + OUT;
	char *memory = mmap(NULL, each * BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED) return -1;
	for (int i = 0; i < BLOCK; i++, memory += each) {
		slot *s = (slot *)memory;
		s->index = have + i;
		s->declared = s->lent_fd = -1;
		s->generation = 1;
		s->to_clr = (uint64_t)1 << MESSAGES;
		s->head_own = s->head = memory + own;
		s->head_capacity = HEAD;
		s->text = memory + each - TEXT - IN - OUT;
		s->text_size = TEXT;
		s->in = s->text + TEXT;
		s->out = s->in + IN;
		s->request = &s->inline_request;
		pthread_mutex_init(&s->lock, NULL);
		__atomic_store_n(&clr_slots[s->index], s, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&made, have + BLOCK, __ATOMIC_RELEASE);
	return have + BLOCK;
}

// clr_more_text gives a slot more room for its request's text. The old one stays where
// it is, for an app that still reads from it; as sizes double, that is not much.
char *clr_more_text(slot *s, uint32_t size) {
	uint32_t n = s->text_size;
	while (n < size) n *= 2;
	char *text = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (text == MAP_FAILED) return NULL;
	s->text = text;
	s->text_size = n;
	return text;
}

// enter locks the slot of a handle and returns it, NULL if its request is over: calls
// that come too late find nothing, and must return 0.
slot *enter(void *handle) {
	uint64_t h = (uint64_t)handle;
	slot *s = __atomic_load_n(&clr_slots[h % SLOTS], __ATOMIC_ACQUIRE);
	if (!s) return NULL;
	pthread_mutex_lock(&s->lock);
	if (s->generation == h >> 16) return s;
	pthread_mutex_unlock(&s->lock);
	__atomic_fetch_add(&clr_life.late_calls, 1, __ATOMIC_RELAXED);
	return NULL;
}

// bstr returns a string as Windows' automation has it, which the managed half frees:
// the length in bytes stands before it. Bytes become characters of the same number.
uint16_t *bstr(const char *text, size_t length) {
	char *memory = malloc(8 + 2 * length + 2); // its text 8 bytes in, as SysAllocString aligns it
	if (!memory) return NULL;
	*(uint32_t *)(memory + 4) = 2 * length;
	uint16_t *wide = (uint16_t *)(memory + 8);
	for (size_t i = 0; i < length; i++) wide[i] = (unsigned char)text[i];
	wide[length] = 0;
	return wide;
}
