//go:build clr && linux && amd64 && cgo

// The life of the app: its server starts, takes requests, stops, and Main returns.
#define _GNU_SOURCE
#include "half.h"
#include <stdlib.h>
#include <string.h>

life_state clr_life;
application_settings clr_settings;
request_callback clr_request;
disconnect_callback clr_disconnect;
completion_callback clr_completion;
static shutdown_callback shut_down;
static drained_callback drained;
static void *request_context, *shutdown_context;
static uint32_t gate_closed = 1, drain_wanted, aborting;
static pthread_mutex_t registering = PTHREAD_MUTEX_INITIALIZER;

// report takes what the hook and the host say of the app's start.
void report(int what, const char *text) {
	if (what == FAILED) {
		pthread_mutex_lock(&registering);
		if (!clr_life.failed && (!clr_life.ready || clr_life.second)) {
			strncpy(clr_life.said, text ? text : "", sizeof clr_life.said - 1);
			__atomic_store_n(&clr_life.failed, 1, __ATOMIC_SEQ_CST);
		}
		pthread_mutex_unlock(&registering);
	}
	if (what == READY) __atomic_store_n(&clr_life.ready, 1, __ATOMIC_SEQ_CST);
	tell_go_of_life();
}

static const char second_server[] = "the app starts a second web server in this process, and in-process there can be one";

// ancm_report is what the startup hook calls. Of an exception that nobody has caught it
// reports whether the worker is to answer for the app: it has ended the start, or it came
// of the second server. Any other one is a crash.
API int ancm_report(int what, const char *text) {
	if (what == UNHANDLED) {
		if (clr_life.ready && !clr_life.second) return 0;
		report(FAILED, clr_life.second ? second_server : text);
		return 1;
	}
	if (what != FAILED) restore_signals();
	if (what != HOOKED) report(what, text);
	return 0;
}

// register_callbacks starts a server. A second one while the first runs would take its
// requests, so it is refused.
API hresult register_callbacks(void *application, request_callback request, shutdown_callback shutdown, disconnect_callback disconnect,
	completion_callback completion, drained_callback none, void *context, void *shutdown_with) {
	(void)application;
	pthread_mutex_lock(&registering);
	int second = !__atomic_load_n(&gate_closed, __ATOMIC_SEQ_CST);
	if (!second) {
		clr_request = request;
		clr_disconnect = disconnect;
		clr_completion = completion;
		shut_down = shutdown;
		drained = none;
		request_context = context;
		shutdown_context = shutdown_with;
		drain_wanted = 0;
		clr_life.registered++;
		clr_life.stopping = 0;
		__atomic_store_n(&gate_closed, 0, __ATOMIC_SEQ_CST);
	}
	pthread_mutex_unlock(&registering);
	if (second) __atomic_store_n(&clr_life.second, 1, __ATOMIC_SEQ_CST); // an app that catches the exception goes on with the first
	return second ? HR_BUSY : HR_OK;
}

// http_get_application_properties gives strings that the managed half frees.
API hresult http_get_application_properties(configuration *c) {
	memset(c, 0, sizeof *c);
	c->application = (void *)1;
	c->full_path = bstr(clr_settings.full_path, strlen(clr_settings.full_path));
	c->virtual_path = bstr(clr_settings.virtual_path, strlen(clr_settings.virtual_path));
	c->bindings = bstr("http://*:80", 11);
	c->anonymous = 1;
	c->max_body = clr_settings.max_body;
	return HR_OK;
}

static void refuse(slot *s) {
	__atomic_fetch_add(&clr_life.refused, 1, __ATOMIC_RELAXED);
	s->generation++;
	s->gone_told = 0;
	__atomic_store_n(&s->over, RESPONSE_REFUSED, __ATOMIC_SEQ_CST);
	leave(s);
	tell_go(s);
}

// give_request hands a new request to the app. When the callback has returned 1 the slot
// may be another request's.
void give_request(slot *s, uint64_t generation) {
	__atomic_fetch_add(&clr_life.in_flight, 1, __ATOMIC_SEQ_CST); // before the look at the gate
	int taken = !__atomic_load_n(&gate_closed, __ATOMIC_SEQ_CST) && clr_request(handle_of(s, generation), request_context) == TAKEN;
	if (taken) return;
	request_over();
	if ((s = enter(handle_of(s, generation)))) refuse(s);
}

// request_over counts a request off. The last one lets the server end that has stopped.
void request_over(void) {
	if (!__atomic_sub_fetch(&clr_life.in_flight, 1, __ATOMIC_SEQ_CST) && __atomic_load_n(&drain_wanted, __ATOMIC_SEQ_CST)) tell_control();
}

// do_control is what the dispatcher does apart from requests.
void do_control(void) {
	if (__atomic_exchange_n(&aborting, 0, __ATOMIC_SEQ_CST))
		for (int i = 0; i < SLOTS && clr_slots[i]; i++) {
			slot *s = clr_slots[i];
			pthread_mutex_lock(&s->lock);
			if (s->managed) client_gone(s, s->generation);
			else leave(s);
		}
	if (!__atomic_load_n(&clr_life.in_flight, __ATOMIC_SEQ_CST) && __atomic_exchange_n(&drain_wanted, 0, __ATOMIC_SEQ_CST)) drained(request_context);
}

// http_stop_incoming_requests ends the taking of requests. The server is told when the
// last one is over.
API hresult http_stop_incoming_requests(void *application) {
	(void)application;
	__atomic_store_n(&clr_life.stopping, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&gate_closed, 1, __ATOMIC_SEQ_CST); // before the look at what is in flight
	__atomic_store_n(&drain_wanted, 1, __ATOMIC_SEQ_CST);
	tell_control();
	tell_go_of_life();
	return HR_OK;
}

// http_stop_calls_into_managed is the server's last word. Requests that it has not waited
// for any longer are told that their client has gone: it does not do so itself.
API hresult http_stop_calls_into_managed(void *application) {
	(void)application;
	__atomic_store_n(&gate_closed, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&drain_wanted, 0, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&clr_life.in_flight, __ATOMIC_SEQ_CST)) {
		__atomic_store_n(&aborting, 1, __ATOMIC_SEQ_CST);
		tell_control();
	}
	return HR_OK;
}

static void *call_shut_down(void *none) {
	shut_down(shutdown_context); // runs the app's own handlers
	return none;
}

int clr_shut_down(void) {
	if (!shut_down || __atomic_load_n(&gate_closed, __ATOMIC_SEQ_CST)) return 0; // it stops already, or has never begun
	return start_thread(call_shut_down, NULL);
}

// main_ended is the end of the app's Main, or of the attempt to come to it.
void main_ended(int code, int start_code) {
	__atomic_store_n(&gate_closed, 1, __ATOMIC_SEQ_CST);
	clr_life.code = code;
	clr_life.start_code = start_code;
	__atomic_store_n(&clr_life.ended, 1, __ATOMIC_SEQ_CST);
	tell_go_of_life();
}
