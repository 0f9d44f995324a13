//go:build clr && linux && amd64 && cgo

// Direct calls: the request callback on the front's own thread, as IIS does it. It spares
// the wake-up of the dispatcher. Two things make it safe on a thread of Go's.
//
// A thread that has run managed code is known to the runtime, whose handler of SIGSEGV
// would go on with the interrupted stack: for a nil dereference in Go that is a goroutine's,
// which has no room. So the signal goes to Go's action, unless the thread is within a call.
//
// The signal by which the runtime suspends threads is blocked on these threads for good: it
// could come just after a call, and its handler would run on a goroutine's stack too. A
// thread within a call is suspended when it leaves managed code, which is soon.
#define _GNU_SOURCE
#include "half.h"
#include <signal.h>

static __thread int within __attribute__((tls_model("initial-exec"))), prepared __attribute__((tls_model("initial-exec")));
static struct sigaction gos, runtimes;
enum { SUSPEND = 34 };

// clr_keep_segv notes Go's action, before the runtime replaces it.
void clr_keep_segv(void) { sigaction(SIGSEGV, NULL, &gos); }

static void route(int number, siginfo_t *info, void *context) {
	struct sigaction *a = prepared && !within ? &gos : &runtimes;
	a->sa_sigaction(number, info, context);
}

// clr_route_segv puts the router into the place of the runtime's action, once that stands.
void clr_route_segv(void) {
	struct sigaction now;
	sigaction(SIGSEGV, NULL, &now);
	if (now.sa_sigaction == route || !(gos.sa_flags & SA_SIGINFO) || !(now.sa_flags & SA_SIGINFO)) return;
	runtimes = now;
	now.sa_sigaction = route;
	now.sa_flags |= SA_ONSTACK;
	sigaction(SIGSEGV, &now, NULL);
}

// clr_call hands a request to the app on the calling thread.
void clr_call(slot *s, uint64_t generation) {
	if (!prepared) {
		sigset_t set;
		sigemptyset(&set);
		sigaddset(&set, SUSPEND);
		pthread_sigmask(SIG_BLOCK, &set, NULL);
		prepared = 1;
	}
	within = 1;
	give_request(s, generation);
	within = 0;
}
