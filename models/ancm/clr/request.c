//go:build clr && linux && amd64 && cgo

// The functions that a request's data and body are asked for.
#define _GNU_SOURCE
#include "half.h"
#include <limits.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// http_get_raw_request is called inside the request callback only.
API raw_request *http_get_raw_request(void *handle) {
	slot *s = enter(handle);
	if (!s) return NULL;
	raw_request *r = s->request;
	leave(s);
	return r;
}

// http_set_managed_context sets what the callbacks are called with. A client that has
// gone before is reported at once.
API hresult http_set_managed_context(void *handle, void *managed) {
	slot *s = enter(handle);
	if (!s) return HR_OK;
	s->managed = managed;
	if (s->gone_told) call_disconnect(s);
	leave(s);
	return HR_OK;
}

// take_body moves bytes of the body from the ring to where they are wanted.
static int take_body(slot *s, char *to, int most) {
	uint64_t have = __atomic_load_n(&s->in_head, __ATOMIC_ACQUIRE) - s->in_tail;
	int n = have < (uint64_t)most ? (int)have : most;
	size_t at = s->in_tail & (IN - 1), first = IN - at < (size_t)n ? IN - at : (size_t)n;
	memcpy(to, s->in + at, first);
	memcpy(to + first, s->in, n - first);
	__atomic_store_n(&s->in_tail, s->in_tail + n, __ATOMIC_RELEASE);
	return n;
}

// read_now gives what is there, or the end. It reports false if there is nothing yet.
static int read_now(slot *s, char *to, int most, int *got, hresult *hr) {
	uint32_t end = __atomic_load_n(&s->in_end, __ATOMIC_ACQUIRE); // before the bytes: none come after it
	*hr = HR_OK;
	if ((*got = take_body(s, to, most)) > 0) return 1;
	if (end == BODY_ENDED) *hr = HR_END;
	else if (end == BODY_BROKEN || s->gone_told || __atomic_load_n(&s->gone, __ATOMIC_ACQUIRE)) *hr = HR_GONE;
	else return 0;
	return 1;
}

// want_body asks Go for a part of the body, unless it was asked already.
static void want_body(slot *s) {
	if (s->body_asked) return;
	s->body_asked = 1;
	__atomic_fetch_add(&s->body_wanted, 1, __ATOMIC_SEQ_CST);
	tell_go(s);
}

static hresult read_body(void *handle, char *to, int most, websocket_callback callback, void *context, int *got, int *pending) {
	*got = *pending = 0;
	slot *s = enter(handle);
	if (!s) return HR_OK;
	hresult hr;
	if (!read_now(s, to, most, got, &hr)) {
		s->read = (operation){.pending = 1, .managed = s->managed, .buffer = to, .length = most, .callback = callback, .context = context};
		*pending = 1;
		want_body(s);
	}
	leave(s);
	return hr;
}

// http_read_request_bytes reads from the body: at once if something has come, else
// later, into a buffer that stays until the completion.
API hresult http_read_request_bytes(void *handle, char *to, int most, int *got, int *pending) {
	return read_body(handle, to, most, NULL, NULL, got, pending);
}

API hresult http_websockets_read_bytes(void *handle, char *to, int most, websocket_callback callback, void *context, int *got, int *pending) {
	return read_body(handle, to, most, callback, context, got, pending);
}

// body_came completes the read that waits for the body.
void body_came(slot *s) {
	s->body_asked = 0;
	if (!s->read.pending) {
		leave(s);
		return;
	}
	int got;
	hresult hr;
	if (!read_now(s, s->read.buffer, s->read.length, &got, &hr)) {
		want_body(s); // what had come was read at once meanwhile
		leave(s);
		return;
	}
	operation o = s->read;
	s->read.pending = 0;
	uint64_t generation = s->generation;
	leave(s);
	complete(s, o, generation, hr, got);
}

// http_cancel_io ends a pending read, not within this call. A part of the body that
// comes later is the next read's.
API hresult http_cancel_io(void *handle) {
	slot *s = enter(handle);
	if (!s) return HR_OK;
	hresult hr = HR_NOT_FOUND;
	if (s->read.pending) {
		s->read.cancelled = 1;
		tell_clr(s, s->generation, ASK_CANCEL);
		hr = HR_OK;
	}
	leave(s);
	return hr;
}

void read_cancelled(slot *s) {
	operation o = s->read;
	uint64_t generation = s->generation;
	if (o.pending && o.cancelled) s->read.pending = 0;
	leave(s);
	if (o.pending && o.cancelled) complete(s, o, generation, HR_ABORTED, 0);
}

// complete ends a pending operation. The slot may be another request's when it returns.
void complete(slot *s, operation o, uint64_t generation, hresult hr, int bytes) {
	if (o.callback) {
		completion_info info = {bytes, hr};
		o.callback(handle_of(s, generation), &info, o.context);
	} else if (clr_completion(o.managed, hr, bytes) != TAKEN) {
		__atomic_fetch_add(&clr_life.bad_completions, 1, __ATOMIC_RELAXED);
	}
}

// http_get_completion_info reads what a WebSocket's completion callback was given.
API void http_get_completion_info(completion_info *info, int *bytes, hresult *hr) {
	*bytes = info->bytes;
	*hr = info->hr;
}

// call_disconnect tells the app that the client has gone. The lock is free meanwhile,
// because managed code calls us back; http_post_completion waits for it.
void call_disconnect(slot *s) {
	void *managed = s->managed;
	__atomic_store_n(&s->calling, (uint32_t)gettid(), __ATOMIC_SEQ_CST);
	leave(s);
	clr_disconnect(managed);
	pthread_mutex_lock(&s->lock);
	__atomic_store_n(&s->calling, 0, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &s->calling, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

// client_gone tells the app, and then ends what is pending: managed code does not cancel
// it by itself.
void client_gone(slot *s, uint64_t generation) {
	if (s->gone_told) {
		leave(s);
		return;
	}
	s->gone_told = 1;
	if (s->managed) call_disconnect(s); // else http_set_managed_context will
	operation read = {0}, write = {0};
	if (s->generation == generation) {
		read = s->read;
		write = s->write;
		s->read.pending = s->write.pending = 0;
	}
	leave(s);
	if (read.pending) complete(s, read, generation, HR_GONE, 0);
	if (write.pending) {
		free(write.chunks);
		complete(s, write, generation, HR_GONE, 0);
	}
}
