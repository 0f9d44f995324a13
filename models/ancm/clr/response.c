//go:build clr && linux && amd64 && cgo

// The functions that make a response.
#define _GNU_SOURCE
#include "half.h"
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/syscall.h>
#include <unistd.h>

static int too_late(slot *s) { return s->gone_told || __atomic_load_n(&s->gone, __ATOMIC_ACQUIRE); }

API hresult http_set_response_status_code(void *handle, uint16_t status, const char *reason) {
	slot *s = enter(handle);
	if (!s) return HR_OK;
	size_t n = reason ? strlen(reason) : 0;
	if (!s->head_ready) {
		s->status = status;
		s->reason_length = n < 256 ? n : 256;
		s->head_length = 0;
		memcpy(s->head, reason ? reason : "", s->reason_length); // the first of the head
		s->head_length = (s->reason_length + 3) & ~3u;
	}
	leave(s);
	return HR_OK;
}

static head_field *field_at(slot *s, uint32_t at) { return (head_field *)(s->head + at); }
static uint32_t after(uint32_t at, head_field *f) { return (at + sizeof *f + f->name_length + f->length + 3) & ~3u; }

// replace_field takes earlier fields of the same name out of the head.
static void replace_field(slot *s, int known, const char *name, size_t name_length) {
	for (uint32_t at = (s->reason_length + 3) & ~3u; at < s->head_length;) {
		head_field *f = field_at(s, at);
		if (f->known == known && (known >= 0 || (f->name_length == name_length && !strncasecmp((char *)(f + 1), name, name_length)))) f->known = -2;
		at = after(at, f);
	}
}

// note_field notes what decides how the response can be written.
static void note_field(slot *s, int known, const char *name, const char *value, uint16_t length) {
	enum { CONNECTION = 1, DATE = 2, TRANSFER_ENCODING = 6, UPGRADE = 7, CONTENT_LENGTH = 11 };
	if (known == CONTENT_LENGTH) {
		char digits[20] = "";
		if (length && length < sizeof digits) memcpy(digits, value, length);
		char *end = digits;
		s->declared = *digits >= '0' && *digits <= '9' ? strtoll(digits, &end, 10) : -1;
		if (*end || end == digits) s->declared = -1;
	} else if (known == CONNECTION || known == DATE || known == TRANSFER_ENCODING || known == UPGRADE ||
		(known < 0 && !strncasecmp(name, "x-ancm-", 7) && strcasecmp(name, "x-ancm-app-pid"))) {
		s->unsendable = 1;
	}
}

static hresult add_field(void *handle, int known, const char *name, const char *value, uint16_t length, int replace) {
	slot *s = enter(handle);
	if (!s) return HR_OK;
	hresult hr = HR_OK;
	size_t name_length = name ? strlen(name) : 0; // ended by NUL, see http_response_set_unknown_header
	uint32_t need = s->head_length + sizeof(head_field) + name_length + length + 4;
	if (s->head_ready || name_length > UINT16_MAX) {
		leave(s);
		return HR_OK;
	}
	if (need > s->head_capacity) {
		uint32_t n = s->head_capacity;
		while (n < need) n *= 2;
		char *more = malloc(n);
		if (!more) {
			leave(s);
			return (hresult)0x8007000e; // E_OUTOFMEMORY
		}
		memcpy(more, s->head, s->head_length);
		if (s->head != s->head_own) free(s->head);
		s->head = more;
		s->head_capacity = n;
	}
	if (replace && (known < 0 || s->known_seen & (uint64_t)1 << known)) replace_field(s, known, name, name_length);
	if (known >= 0) s->known_seen |= (uint64_t)1 << known;
	note_field(s, known, name, value, length);
	head_field *f = field_at(s, s->head_length);
	*f = (head_field){known, name_length, length};
	memcpy(f + 1, name, name_length);
	memcpy((char *)(f + 1) + name_length, value, length);
	s->head_length = after(s->head_length, f);
	leave(s);
	return hr;
}

API hresult http_response_set_known_header(void *handle, int known, const char *value, uint16_t length, int replace) {
	if (known < 0 || known >= KNOWN_RESPONSE) return (hresult)0x80070057; // E_INVALIDARG
	return add_field(handle, known, NULL, value, length, replace);
}

// http_response_set_unknown_header gets a name that ends with NUL: the managed half
// pins an array of its bytes, whose memory the collector pads with zeros.
API hresult http_response_set_unknown_header(void *handle, const char *name, const char *value, uint16_t length, int replace) {
	return add_field(handle, -1, name, value, length, replace);
}

void publish_head(slot *s) {
	if (!s->head_ready) __atomic_store_n(&s->head_ready, 1, __ATOMIC_SEQ_CST);
}

// put_bytes copies as much as there is room for, and returns how much that is.
static uint32_t put_bytes(slot *s, const char *from, uint32_t n) {
	uint64_t used = s->out_head - __atomic_load_n(&s->out_tail, __ATOMIC_SEQ_CST);
	if (n > OUT - used) n = OUT - used;
	size_t at = s->out_head & (OUT - 1), first = OUT - at < n ? OUT - at : n;
	memcpy(s->out + at, from, first);
	memcpy(s->out, from + first, n - first);
	__atomic_store_n(&s->out_head, s->out_head + n, __ATOMIC_SEQ_CST);
	return n;
}

// go_on copies what an operation has left, and reports whether that was all.
static int go_on(slot *s, operation *o) {
	for (; o->at < o->count; o->at++, o->offset = 0) {
		data_chunk *c = &o->chunks[o->at];
		o->offset += put_bytes(s, c->bytes + o->offset, c->length - o->offset);
		if (o->offset < c->length) return 0;
	}
	return 1;
}

// write_more goes on with a write until it is over or the ring is full. In the latter
// case Go is to say when there is room: it looks at room_wanted after it has made some,
// and we look for room after we have said that we want it.
static int write_more(slot *s, operation *o) {
	while (!go_on(s, o)) {
		__atomic_store_n(&s->room_wanted, 1, __ATOMIC_SEQ_CST);
		if (s->out_head - __atomic_load_n(&s->out_tail, __ATOMIC_SEQ_CST) == OUT) return 0;
	}
	return 1;
}

static hresult write_body(void *handle, data_chunk *chunks, int count, websocket_callback callback, void *context, int *pending) {
	*pending = 0;
	slot *s = enter(handle);
	if (!s) return HR_OK;
	if (too_late(s)) {
		leave(s);
		return HR_GONE;
	}
	publish_head(s);
	operation o = {.pending = 1, .managed = s->managed, .chunks = chunks, .count = count, .callback = callback, .context = context};
	for (int i = 0; i < count; i++) o.total += chunks[i].length;
	hresult hr = HR_OK;
	if (!write_more(s, &o)) { // the array is the caller's, the bytes stay until the completion
		o.count -= o.at;
		o.chunks = malloc(o.count * sizeof *chunks);
		if (o.chunks) {
			memcpy(o.chunks, chunks + o.at, o.count * sizeof *chunks);
			o.at = 0;
			s->write = o;
			*pending = 1;
		} else {
			hr = (hresult)0x8007000e; // E_OUTOFMEMORY
		}
		tell_go(s);
	} else if (callback) {
		s->flushes++; // a WebSocket does not flush
		tell_go(s);
	} else if (s->out_head - __atomic_load_n(&s->out_tail, __ATOMIC_RELAXED) > OUT / 2) {
		tell_go(s);
	}
	leave(s);
	return hr;
}

// http_write_response_bytes copies the bytes while there is room, and else is pending:
// a slow client is felt by the app.
API hresult http_write_response_bytes(void *handle, data_chunk *chunks, int count, int *pending) {
	return write_body(handle, chunks, count, NULL, NULL, pending);
}

API hresult http_websockets_write_bytes(void *handle, data_chunk *chunks, int count, websocket_callback callback, void *context, int *pending) {
	return write_body(handle, chunks, count, callback, context, pending);
}

// room_came goes on with the write that waits.
void room_came(slot *s) {
	int over = s->write.pending && write_more(s, &s->write);
	operation o = s->write;
	uint64_t generation = s->generation;
	if (over) {
		s->write.pending = 0;
		if (o.callback) s->flushes++;
	}
	tell_go(s);
	leave(s);
	if (!over) return;
	free(o.chunks);
	complete(s, o, generation, HR_OK, o.total);
}

// http_flush_response_bytes notes that what was written is to be sent. It never is
// pending: what follows an upgrade must not be, and the rest would only be slower.
API hresult http_flush_response_bytes(void *handle, int more, int *pending) {
	*pending = 0;
	slot *s = enter(handle);
	if (!s) return HR_OK;
	publish_head(s);
	if (!more) s->ended = 1;
	hresult hr = too_late(s) ? HR_GONE : HR_OK;
	if (hr == HR_OK && send_whole(s)) { // Go need not know before the request is over
		leave(s);
		return hr;
	}
	__atomic_store_n(&s->flushes, s->flushes + 1, __ATOMIC_SEQ_CST);
	tell_go(s);
	leave(s);
	return hr;
}

API hresult http_enable_websockets(void *handle) {
	slot *s = enter(handle);
	if (!s) return HR_OK;
	__atomic_store_n(&s->in_end, BODY_OPEN, __ATOMIC_SEQ_CST); // what comes now is no part of the body
	__atomic_store_n(&s->upgraded, 1, __ATOMIC_SEQ_CST); // Go looks at it once the head stands
	leave(s);
	return HR_OK;
}

API hresult http_set_completion_status(void *handle, int status) {
	slot *s = enter(handle);
	if (!s) return HR_OK;
	s->completion = status;
	leave(s);
	return HR_OK;
}

// http_close_connection may come from any thread at any time.
API hresult http_close_connection(void *handle) {
	slot *s = enter(handle);
	if (!s) return HR_OK;
	s->closed = 1;
	leave(s);
	return HR_OK;
}

API hresult http_set_close(void *handle) {
	slot *s = enter(handle);
	if (!s) return HR_OK;
	s->set_close = 1;
	leave(s);
	return HR_OK;
}

// http_post_completion ends the request: no callback for it begins from here on, and
// one that runs has returned when this does.
API hresult http_post_completion(void *handle, int bytes) {
	(void)bytes;
	slot *s = enter(handle);
	if (!s) return HR_OK;
	s->generation++;
	uint32_t own = gettid(), other;
	while ((other = __atomic_load_n(&s->calling, __ATOMIC_SEQ_CST)) && other != own) {
		leave(s);
		syscall(SYS_futex, &s->calling, FUTEX_WAIT_PRIVATE, other, NULL, NULL, 0);
		pthread_mutex_lock(&s->lock);
	}
	s->managed = NULL;
	s->gone_told = s->body_asked = 0;
	s->read.pending = s->write.pending = 0;
	s->known_seen = 0;
	s->unsendable = 0;
	s->declared = -1;
	forget_variables(s);
	request_over();
	__atomic_store_n(&s->over, RESPONSE_POSTED, __ATOMIC_SEQ_CST); // from here on Go may use the slot
	leave(s);
	tell_go(s);
	return HR_OK;
}

API void http_indicate_completion(void *handle, int status) {
	http_set_completion_status(handle, status);
	http_post_completion(handle, 0);
}
