//go:build clr && linux && amd64 && cgo

// Direct calls: the request callback on the front's own thread, as IIS does it. It spares
// the wake-up of the dispatcher. Two things make it safe on a thread of Go's.
//
// A thread that has run managed code is known to the runtime, whose handler of SIGSEGV
// would go on with the interrupted stack: for a nil dereference in Go that is a goroutine's,
// which has no room. So the signal goes to Go's action, unless the thread is within a call.
//
// The signal by which the runtime suspends threads is blocked on these threads, once they have
// called for the first time, in which the runtime unblocks it: it could come just after a call,
// and its handler would run on a goroutine's stack too. A thread within a call is suspended when
// it leaves managed code, which is soon.
//
// The runtime's pool starts threads within such calls. They must not inherit what a thread of
// Go's blocks: they could not be suspended; and a signal of Go's, as SIGPIPE, that came to them
// would end the process, because Go does not know them.
#define _GNU_SOURCE
#include "half.h"
#include <dlfcn.h>
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
	int first = !prepared;
	prepared = within = 1;
	give_request(s, generation);
	if (first) {
		sigset_t set;
		sigemptyset(&set);
		sigaddset(&set, SUSPEND);
		pthread_sigmask(SIG_BLOCK, &set, NULL);
	}
	within = 0;
}

typedef int (*creator)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

// pthread_create stands before the C library's for all that dlopen loads.
API int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes, void *(*run)(void *), void *restrict argument) {
	static creator real;
	creator create = __atomic_load_n(&real, __ATOMIC_RELAXED);
	if (!create) {
		create = (creator)dlsym(RTLD_NEXT, "pthread_create");
		__atomic_store_n(&real, create, __ATOMIC_RELAXED);
	}
	if (!within) return create(thread, attributes, run, argument);
	sigset_t old;
	block_signals(&old);
	int failed = create(thread, attributes, run, argument);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return failed;
}
