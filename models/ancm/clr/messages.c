//go:build clr && linux && amd64 && cgo

// Messages between the two sides, and the dispatcher, which carries out those to the
// runtime. A list has a slot at most once, so nothing is ever full and nobody waits for
// room.
//
// Why no wake-up is lost: who makes a list non-empty looks at sleeping after that, and
// the reader says that it sleeps before it looks at the list for the last time. Both
// are sequentially consistent, so one of the two sees the other.
#define _GNU_SOURCE
#include "half.h"
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

message_list clr_to_clr, clr_to_go;
static int wake_go = -1, life_changed = -1; // eventfds
static slot control; // of the life of the app: it belongs to no request

// put adds a slot that is not in the list, and reports whether its reader sleeps.
static int put(message_list *l, uint32_t *next, slot *s) {
	uint32_t first = __atomic_load_n(&l->list, __ATOMIC_RELAXED);
	do *next = first;
	while (!__atomic_compare_exchange_n(&l->list, &first, s->index + 1, 1, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	return !first && __atomic_load_n(&l->sleeping, __ATOMIC_SEQ_CST) && __atomic_exchange_n(&l->sleeping, 0, __ATOMIC_SEQ_CST);
}

static void wake_dispatcher(void) { syscall(SYS_futex, &clr_to_clr.sleeping, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0); }

// tell_clr sends a message about this generation of the slot; if another one has begun,
// it does nothing.
void tell_clr(slot *s, uint64_t generation, uint32_t message) {
	uint64_t old = __atomic_load_n(&s->to_clr, __ATOMIC_SEQ_CST);
	do
		if (old >> MESSAGES != generation) return;
	while (!__atomic_compare_exchange_n(&s->to_clr, &old, old | message | QUEUED, 1, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	if (!(old & QUEUED) && put(&clr_to_clr, &s->to_clr_next, s)) wake_dispatcher();
}

static void count(int eventfd) {
	uint64_t one = 1;
	while (write(eventfd, &one, sizeof one) < 0 && errno == EINTR) {}
}

// tell_go lets Go look at the slot.
void tell_go(slot *s) {
	if (__atomic_exchange_n(&s->to_go, QUEUED, __ATOMIC_SEQ_CST) || !put(&clr_to_go, &s->to_go_next, s)) return;
	count(wake_go);
}

// tell_go_of_life lets Go look at the life of the app.
void tell_go_of_life(void) { count(life_changed); }

// tell_control lets the dispatcher look at the life of the app.
void tell_control(void) { tell_clr(&control, 0, ASK_CONTROL); }

static void carry_out(slot *s) {
	uint64_t word = __atomic_load_n(&s->to_clr, __ATOMIC_SEQ_CST);
	while (!__atomic_compare_exchange_n(&s->to_clr, &word, word >> MESSAGES << MESSAGES, 1, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {}
	if (s == &control) {
		do_control();
		return;
	}
	uint64_t generation = word >> MESSAGES;
	if (word & ASK_REQUEST) give_request(s, generation);
	static const struct { uint32_t bit; void (*act)(slot *); } acts[] = {{ASK_BODY, body_came}, {ASK_DRAINED, room_came}, {ASK_CANCEL, read_cancelled}};
	for (unsigned i = 0; i < sizeof acts / sizeof *acts; i++) {
		slot *of = word & acts[i].bit ? enter(handle_of(s, generation)) : NULL;
		if (of) acts[i].act(of);
	}
	slot *of = word & ASK_GONE ? enter(handle_of(s, generation)) : NULL;
	if (of) client_gone(of, generation);
}

// take_all returns what is in the list, the oldest first. It waits until something is.
static uint32_t take_all(void) {
	uint32_t all;
	while (!(all = __atomic_exchange_n(&clr_to_clr.list, 0, __ATOMIC_SEQ_CST))) {
		__atomic_store_n(&clr_to_clr.sleeping, 1, __ATOMIC_SEQ_CST);
		if (!__atomic_load_n(&clr_to_clr.list, __ATOMIC_SEQ_CST))
			syscall(SYS_futex, &clr_to_clr.sleeping, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0);
		__atomic_store_n(&clr_to_clr.sleeping, 0, __ATOMIC_SEQ_CST);
	}
	uint32_t first = 0;
	while (all) {
		slot *s = clr_slots[all - 1];
		uint32_t next = s->to_clr_next;
		s->to_clr_next = first;
		first = all;
		all = next;
	}
	return first;
}

static void *dispatch(void *none) {
	pthread_setname_np(pthread_self(), "clr-dispatch");
	for (;;)
		for (uint32_t at = take_all(); at;) {
			slot *s = clr_slots[at - 1];
			at = s->to_clr_next; // afterwards it may be in the list again
			carry_out(s);
		}
	return none;
}

// block_signals blocks, for the calling thread and all that it starts, what Go handles:
// it must land on Go's threads. What a runtime needs stays.
void block_signals(sigset_t *old) {
	static const int stay[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, 32, 33, 34};
	sigset_t set;
	sigfillset(&set);
	for (unsigned i = 0; i < sizeof stay / sizeof *stay; i++) sigdelset(&set, stay[i]);
	pthread_sigmask(SIG_SETMASK, &set, old);
}

// start_thread starts a thread that blocks the signals that Go handles.
int start_thread(void *(*run)(void *), void *argument) {
	pthread_t t;
	pthread_attr_t attributes;
	sigset_t old;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 8 << 20); // as a program's first thread has
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	block_signals(&old);
	int failed = pthread_create(&t, &attributes, run, argument);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attributes);
	return failed;
}

int clr_half_start(int wake, int life) {
	wake_go = wake;
	life_changed = life;
	control.index = CLR_CONTROL;
	clr_slots[CLR_CONTROL] = &control;
	return start_thread(dispatch, NULL);
}
