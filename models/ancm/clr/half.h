//go:build clr && linux && amd64 && cgo

// The native half of the module: slots, each of which holds one request and the response
// to it, and the messages about them between the worker's Go code and the runtime.
//
// Memory is C's, and never given back: an app that reads a request too late reads old
// bytes. No function here calls Go. Go's side is slots.go and messages.go.
#ifndef HALF_H
#define HALF_H
#include <pthread.h>
#include <signal.h>
#include "iis.h"

// Nothing but the functions of the contract is seen by the libraries of the runtime.
#pragma GCC visibility push(hidden)
#define API __attribute__((visibility("default")))

enum {
	SLOTS = 1 << 16,        // at most
	CLR_CONTROL = SLOTS,    // stands for the life of the app
	BLOCK = 32,             // slots that are made at once
	TEXT = 32 << 10,        // bytes of a slot for the request's text; more is taken elsewhere
	IN = 64 << 10,          // bytes of the request's body on their way; a power of two
	OUT = 256 << 10,        // bytes of the response's body on their way; a power of two
	HEAD = 4 << 10,         // bytes of a slot for the response's fields; more is taken elsewhere
};

// Messages to the runtime's side, bits of to_clr. Several of one kind are one.
enum {
	ASK_REQUEST = 1,  // the slot has a new request
	ASK_BODY = 2,     // a part of the body that was wanted has come, or its end
	ASK_DRAINED = 4,  // the response's ring has room again
	ASK_CANCEL = 8,   // the pending read is to end
	ASK_GONE = 16,    // the client has gone
	ASK_CONTROL = 32, // of the control slot: see life
	QUEUED = 128,     // the slot is in the list already
	MESSAGES = 8,     // bits; the generation stands above them
};

// How a request's body ends.
enum { BODY_OPEN, BODY_ENDED, BODY_BROKEN };

// How a response is over.
enum { RESPONSE_OPEN, RESPONSE_POSTED, RESPONSE_REFUSED };

// Text that is not ended by NUL.
typedef struct { const char *at; uint32_t length; } span;

// Who writes a response to the client.
enum { WRITER_NONE, WRITER_GO, WRITER_APP };

// An operation that was answered "pending": exactly one completion follows.
typedef struct {
	int pending, cancelled;
	void *managed;
	char *buffer;                // of a read
	int length;
	data_chunk *chunks;          // of a write: our copy, as the caller's lies on its stack
	int count, at;               // chunks, and the first with bytes that are still to come
	uint32_t offset;             // in that
	int total;
	websocket_callback callback; // NULL: that of all requests
	void *context;
} operation;

// A field of a response's head; the bytes of name and value follow, then space up to
// a multiple of 4. The next one begins there.
typedef struct {
	int16_t known; // its number, -1 for a name of its own, -2 if it was replaced
	uint16_t name_length, length;
} head_field;

typedef struct slot {
	// Messages, each a list with this slot in it at most once.
	uint64_t to_clr; // generation << MESSAGES | bits
	uint32_t to_clr_next; // index + 1 of the next in the list, 0 at its end
	uint32_t to_go; // QUEUED or 0
	uint32_t to_go_next;
	uint32_t index;

	// Written by the runtime's side, read by Go's.
	uint64_t generation;  // under the lock; raised when the request is over
	uint64_t out_head;    // bytes written in all
	uint32_t head_ready;  // status, reason and fields stand
	uint32_t flushes;     // number of times that what was written is to be sent
	uint32_t body_wanted; // number of times that a part of the body was asked for
	uint32_t upgraded;    // the connection is a stream of bytes in both directions
	uint32_t room_wanted; // somebody waits for room in out; taken by Go
	uint32_t over;        // RESPONSE_...; the last that is written
	uint32_t ended;       // the body was written to its end
	uint32_t writer;      // who writes the response: nobody yet, Go, or the app's thread
	uint32_t sent;        // the app's thread has sent all of it, but for rest
	int64_t declared_sent; // the length that it said
	char *rest;           // malloc'ed
	uint32_t rest_length;
	uint32_t closed;      // the connection is to be broken
	uint32_t set_close;   // the connection ends with this answer
	int32_t completion;
	uint16_t status, reason_length;
	uint32_t head_length;
	char *head;

	// Written by Go's side, read by the runtime's.
	uint64_t out_tail; // bytes taken
	uint64_t in_head;  // bytes written
	uint32_t in_end;   // BODY_...
	uint32_t gone;     // nothing reaches the client any more
	raw_request *request;
	int32_t lent_fd; // the client's socket, if a small whole answer may be sent on it; else -1
	span lines;      // what the front adds to its head
	span method, target, client, local, user, user_by, server_name;
	uint32_t tls_version, cipher_suite; // 0 without TLS

	// The runtime's side alone, under the lock.
	pthread_mutex_t lock;
	void *managed;
	uint32_t calling; // the thread that is in the disconnect callback, else 0
	int gone_told, begun, body_asked;
	uint64_t in_tail; // bytes taken
	operation read, write;
	uint32_t head_capacity;
	uint64_t known_seen;
	int64_t declared; // Content-Length, -1 if none
	int unsendable;   // the head has what only the front can write
	struct variable *variables;

	// Memory. text is Go's to fill.
	char *text, *in, *out, *head_own;
	uint32_t text_size;
	raw_request inline_request;
	tls_info tls;
	client_certificate certificate;
	tls_protocol protocol;
	request_info info;
	unsigned char remote_address[28], local_address[28];
} slot;

// life is the state of the app, as the module's Go side sees it.
typedef struct {
	uint32_t registered; // number of times that a server has started
	uint32_t ready, failed, stopping, ended;
	uint32_t second;     // a second server was refused, while the first runs
	int32_t code;        // of Main, once ended
	int32_t start_code;  // of hostfxr, if it has not come to Main
	char said[16384];    // why it failed
	int64_t in_flight;
	uint64_t late_calls, bad_completions, refused, sent;
} life_state;

// settings of the application; they stand before the runtime starts.
typedef struct {
	const char *full_path, *virtual_path;
	uint32_t max_body;
	int no_websockets;
} application_settings;

extern life_state clr_life;
extern application_settings clr_settings;
extern slot *clr_slots[SLOTS + 1];

// For Go.
int clr_half_start(int wake_go, int life_changed); // starts the dispatcher; both are eventfds
int clr_more_slots(void);        // makes another block; returns the number of slots, or -1
char *clr_more_text(slot *s, uint32_t size);
void clr_keep_segv(void);
void clr_route_segv(void);
void clr_call(slot *s, uint64_t generation);
int clr_shut_down(void);         // calls the shutdown callback on a thread of its own

// Lists of messages.
typedef struct { uint32_t list, sleeping; } message_list; // list: index + 1 of the newest
extern message_list clr_to_clr, clr_to_go;
void tell_clr(slot *s, uint64_t generation, uint32_t message);
void tell_go(slot *s);
void tell_control(void);
void tell_go_of_life(void);

void block_signals(sigset_t *old); // what Go handles, for the calling thread and those it starts

// Slots.
slot *enter(void *handle);               // locks; NULL if the request is over
static inline void leave(slot *s) { pthread_mutex_unlock(&s->lock); }
static inline void *handle_of(slot *s, uint64_t generation) { return (void *)(generation << 16 | s->index); }
uint16_t *bstr(const char *text, size_t length);

// Operations.
void body_came(slot *s);            // locked; unlocks
void room_came(slot *s);            // locked; unlocks
void read_cancelled(slot *s);       // locked; unlocks
void client_gone(slot *s, uint64_t generation); // locked; unlocks
void publish_head(slot *s);         // locked
int send_whole(slot *s);            // locked
void forget_variables(slot *s);     // locked
void call_disconnect(slot *s);      // locked on entry and return; unlocked in between

// Life.
void give_request(slot *s, uint64_t generation);
void do_control(void);
void request_over(void);
void complete(slot *s, operation o, uint64_t generation, hresult hr, int bytes);
enum { HOOKED, READY, FAILED, UNHANDLED };
void report(int what, const char *text);
void restore_signals(void);

extern request_callback clr_request;
extern disconnect_callback clr_disconnect;
extern completion_callback clr_completion;
int start_thread(void *(*run)(void *), void *argument);

#pragma GCC visibility pop
#endif
