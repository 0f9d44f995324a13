//go:build clr && linux && amd64 && cgo

// The managed half: what IISHttpServer does with a request, as far as the native half can
// tell the difference.
#define _GNU_SOURCE
#include "managed.h"
#include "../iis.h"
#include <dlfcn.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

managed_counts counts;
static int immediate, stopped, registered;
static void *server = (void *)0x5e;
#define COUNT(what) __atomic_fetch_add(&counts.what, 1, __ATOMIC_RELAXED)

// The functions of the native half.
static hresult (*register_callbacks_)(void *, request_callback, shutdown_callback, disconnect_callback, completion_callback, drained_callback, void *, void *);
static hresult (*properties)(configuration *), (*set_context)(void *, void *), (*set_completion)(void *, int), (*post)(void *, int);
static hresult (*read_bytes)(void *, char *, int, int *, int *), (*write_bytes)(void *, data_chunk *, int, int *), (*flush_bytes)(void *, int, int *);
static hresult (*cancel)(void *), (*set_status)(void *, uint16_t, const char *), (*known)(void *, int, const char *, uint16_t, int);
static hresult (*unknown)(void *, const char *, const char *, uint16_t, int), (*close_connection)(void *), (*enable_sockets)(void *);
static hresult (*socket_read)(void *, char *, int, websocket_callback, void *, int *, int *), (*socket_write)(void *, data_chunk *, int, websocket_callback, void *, int *);
static hresult (*variable)(void *, const char *, uint16_t **), (*set_variable)(void *, const char *, const uint16_t *), (*stop_incoming)(void *), (*stop_calls)(void *);
static hresult (*property)(uint64_t, int, void *, uint32_t, void *, uint32_t, uint32_t *, void *);
static raw_request *(*raw)(void *);
static void (*info_of)(void *, int *, hresult *);
static int (*say)(int, const char *);

static const struct { const char *name; void *at; } imports[] = {
	{"register_callbacks", &register_callbacks_}, {"http_get_application_properties", &properties}, {"http_set_managed_context", &set_context},
	{"http_set_completion_status", &set_completion}, {"http_post_completion", &post}, {"http_read_request_bytes", &read_bytes},
	{"http_write_response_bytes", &write_bytes}, {"http_flush_response_bytes", &flush_bytes}, {"http_cancel_io", &cancel},
	{"http_set_response_status_code", &set_status}, {"http_response_set_known_header", &known}, {"http_response_set_unknown_header", &unknown},
	{"http_close_connection", &close_connection}, {"http_enable_websockets", &enable_sockets}, {"http_websockets_read_bytes", &socket_read},
	{"http_websockets_write_bytes", &socket_write}, {"http_get_server_variable", &variable}, {"http_set_server_variable", &set_variable},
	{"http_stop_incoming_requests", &stop_incoming}, {"http_stop_calls_into_managed", &stop_calls}, {"http_query_request_property", &property},
	{"http_get_raw_request", &raw}, {"http_get_completion_info", &info_of}, {"ancm_report", &say},
};

// work is a request; it is what the callbacks are called with.
typedef struct work {
	struct work *next;
	void *handle;
	uint64_t alive;
	raw_request *request;
	char method[32], path[256];
	uint32_t gone;
	struct { uint32_t done; hresult hr; int bytes; } read, write; // done: 1 while one is awaited, 2 when it has come
} work;
enum { ALIVE = 0x1a2b3c4d5e6f };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t some = PTHREAD_COND_INITIALIZER;
static work *first, **last = &first;

static void wake(uint32_t *at) { syscall(SYS_futex, at, FUTEX_WAKE_PRIVATE, 1 << 20, NULL, NULL, 0); }
static void await(uint32_t *at, uint32_t not_yet) {
	while (__atomic_load_n(at, __ATOMIC_SEQ_CST) == not_yet) syscall(SYS_futex, at, FUTEX_WAIT_PRIVATE, not_yet, NULL, NULL, 0);
}

// answer_at_once makes the calls of a small answer, within the request callback.
static void answer_at_once(void *handle) {
	int pending;
	data_chunk c = {.bytes = "Hello, World!", .length = 13};
	set_status(handle, 200, "OK");
	known(handle, 12, "text/plain", 10, 1);
	known(handle, 11, "13", 2, 1);
	write_bytes(handle, &c, 1, &pending);
	flush_bytes(handle, 1, &pending);
	flush_bytes(handle, 0, &pending);
	cancel(handle);
	set_completion(handle, COMPLETION_CONTINUE);
	post(handle, 0);
}

// ---- callbacks

static uint64_t own_mask(void) {
	sigset_t set;
	pthread_sigmask(SIG_BLOCK, NULL, &set);
	uint64_t bits;
	memcpy(&bits, &set, sizeof bits);
	return bits;
}

static void *tell_mask(void *to) {
	*(uint64_t *)to = own_mask();
	return NULL;
}

thread_masks masks;

// attach does what the runtime does on a thread that it does not know: it unblocks the signal
// by which it suspends threads. And it starts a thread, as its pool does for a request.
static void attach(void) {
	static __thread int attached;
	if (attached) return;
	attached = 1;
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	pthread_t t;
	uint64_t started;
	if (pthread_create(&t, NULL, tell_mask, &started)) return;
	pthread_join(t, NULL);
	masks.started = started;
	__atomic_store_n(&masks.caller, gettid(), __ATOMIC_SEQ_CST);
}

static int32_t on_request(void *handle, void *context) {
	attach();
	if (context != server) COUNT(stale_callbacks);
	if (__atomic_load_n(&stopped, __ATOMIC_SEQ_CST)) return NOT_TAKEN;
	raw_request *r = raw(handle);
	if (__atomic_load_n(&immediate, __ATOMIC_RELAXED)) {
		answer_at_once(handle);
		return TAKEN;
	}
	work *w = calloc(1, sizeof *w); // never freed: what is called with it is checked
	w->handle = handle;
	w->alive = ALIVE;
	w->request = r;
	COUNT(requests);
	pthread_mutex_lock(&mutex);
	*last = w;
	last = &w->next;
	pthread_cond_signal(&some);
	pthread_mutex_unlock(&mutex);
	return TAKEN;
}

static void on_disconnect(void *managed) {
	work *w = managed;
	COUNT(disconnects);
	if (w->alive != ALIVE) COUNT(stale_callbacks);
	if (__atomic_exchange_n(&w->gone, 1, __ATOMIC_SEQ_CST)) COUNT(twice);
	cancel(w->handle); // calls back into the native half from here
	wake(&w->gone);
}

static int32_t completed(work *w, uint32_t *done, hresult hr, int bytes, hresult *to, int *count) {
	if (w->alive != ALIVE) {
		COUNT(stale_callbacks);
		return NOT_TAKEN;
	}
	*to = hr;
	*count = bytes;
	if (__atomic_exchange_n(done, 2, __ATOMIC_SEQ_CST) != 1) COUNT(twice);
	wake(done);
	return TAKEN;
}

// A read is told from a write by which of them is awaited: never both, but for sockets,
// which have callbacks of their own.
static int32_t on_completion(void *managed, hresult hr, int32_t bytes) {
	work *w = managed;
	if (__atomic_load_n(&w->read.done, __ATOMIC_SEQ_CST) == 1) return completed(w, &w->read.done, hr, bytes, &w->read.hr, &w->read.bytes);
	return completed(w, &w->write.done, hr, bytes, &w->write.hr, &w->write.bytes);
}

static int32_t on_socket_read(void *handle, void *info, void *context) {
	int bytes;
	hresult hr;
	work *w = context;
	info_of(info, &bytes, &hr);
	if (handle != w->handle) COUNT(stale_callbacks);
	return completed(w, &w->read.done, hr, bytes, &w->read.hr, &w->read.bytes);
}

static int32_t on_socket_write(void *handle, void *info, void *context) {
	int bytes;
	hresult hr;
	work *w = context;
	info_of(info, &bytes, &hr);
	if (handle != w->handle) COUNT(stale_callbacks);
	return completed(w, &w->write.done, hr, bytes, &w->write.hr, &w->write.bytes);
}

static void on_drained(void *context) {
	if (context != server) COUNT(stale_callbacks);
	COUNT(drained);
	stop_calls((void *)1);
}

static int32_t on_shutdown(void *context) {
	if (context != server) COUNT(stale_callbacks);
	managed_stop();
	return TAKEN;
}

// ---- operations that wait

static hresult read_some(work *w, char *to, int most, int *got) {
	int pending;
	w->read.done = 1;
	hresult hr = read_bytes(w->handle, to, most, got, &pending);
	if (pending) {
		COUNT(readers);
		await(&w->read.done, 1);
		hr = w->read.hr;
		*got = w->read.bytes;
	}
	w->read.done = 0;
	return hr;
}

static hresult write_all(work *w, const char *from, size_t n) {
	data_chunk chunks[64]; // on the stack, as the managed half has them
	int count = 0, pending;
	for (size_t at = 0; at < n; count++) {
		size_t piece = n - at < 4096 && count < 63 ? n - at : count == 63 ? n - at : 4096;
		chunks[count] = (data_chunk){.bytes = from + at, .length = piece};
		at += piece;
	}
	w->write.done = 1;
	hresult hr = write_bytes(w->handle, chunks, count, &pending);
	if (pending) {
		COUNT(writers);
		memset(chunks, 0xee, sizeof chunks);
		await(&w->write.done, 1);
		hr = w->write.hr;
		if (!hr && w->write.bytes != (int)n) COUNT(refused);
	}
	w->write.done = 0;
	return hr;
}

static void flush_now(work *w, int more) {
	int pending = 0;
	flush_bytes(w->handle, more, &pending);
	if (pending) COUNT(refused); // nothing here may wait for it
}

static void begin(work *w, int status, long length) {
	char text[24];
	if (set_status(w->handle, status, status == 299 ? "Mine" : status == 200 ? "OK" : NULL)) COUNT(refused);
	if (length >= 0) known(w->handle, 11, text, snprintf(text, sizeof text, "%ld", length), 1);
	unknown(w->handle, "X-Managed", "yes", 3, 1);
}

// over ends the request. The order is that of IISHttpServer.
static void over(work *w, int completion) {
	cancel(w->handle);
	set_completion(w->handle, completion);
	void *handle = w->handle;
	post(handle, 0);
	w->alive = 0;
	int a, b;
	uint16_t *none = NULL;
	if (close_connection(handle) || cancel(handle) || flush_bytes(handle, 1, &a) || set_status(handle, 500, "x") || post(handle, 0) || set_context(handle, w) ||
		read_bytes(handle, (char *)&b, 1, &b, &a) || !variable(handle, "WEBSOCKET_VERSION", &none) || none || set_variable(handle, "A", NULL)) COUNT(late_faults);
}

static void answer(work *w, int status, const char *text, size_t n) {
	begin(w, status, n);
	if (strcmp(w->method, "HEAD") && n) write_all(w, text, n);
	flush_now(w, 1);
	flush_now(w, 0);
	over(w, COMPLETION_CONTINUE);
}

#include "paths.h"

static void *pool(void *none) {
	for (;;) {
		pthread_mutex_lock(&mutex);
		while (!first) pthread_cond_wait(&some, &mutex);
		work *w = first;
		if (!(first = w->next)) last = &first;
		pthread_mutex_unlock(&mutex);
		run(w);
	}
	return none;
}

int managed_start(int threads) {
	fill_pattern();
	for (unsigned i = 0; i < sizeof imports / sizeof *imports; i++) {
		void *at = dlsym(RTLD_DEFAULT, imports[i].name);
		if (!at) {
			fprintf(stderr, "no function %s\n", imports[i].name);
			return 1;
		}
		memcpy(imports[i].at, &at, sizeof at);
	}
	configuration c;
	memset(&c, 0xff, sizeof c);
	if (register_callbacks_((void *)1, on_request, on_shutdown, on_disconnect, on_completion, on_drained, server, server) || properties(&c) || !c.virtual_path) return 2;
	if (!registered++)
		for (int i = 0; i < threads; i++) {
			pthread_t t;
			if (pthread_create(&t, NULL, pool, NULL)) return 3;
		}
	__atomic_store_n(&stopped, 0, __ATOMIC_SEQ_CST);
	say(1, NULL);
	return 0;
}

int managed_second(void) { return register_callbacks_((void *)1, on_request, on_shutdown, on_disconnect, on_completion, on_drained, server, server); }

void managed_stop(void) { stop_incoming((void *)1); }

void managed_immediate(int on) { __atomic_store_n(&immediate, on, __ATOMIC_SEQ_CST); }
