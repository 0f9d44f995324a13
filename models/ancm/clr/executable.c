//go:build clr && linux && amd64 && cgo

// What the runtime asks of this program, answered for it. The definitions here stand
// before the C library's for all that dlopen loads.
//
// realpath: the runtime asks for the path of this program, and does not start
// without an answer; but the file of a worker's program is removed as soon as the worker
// runs, so that nothing can be left of it. Then the answer is dotnet, which is what the
// app would be run by out-of-process.
//
// execve: a program that the app starts would begin with the signals blocked that the runtime's
// threads block here, and could not be ended by SIGTERM. It begins with none, as it would
// out-of-process. Go starts programs by the system call.
//
// exit and abort: until the app is ready, its end is no end of the worker, which answers
// for it. The thread that has called stays here.
#define _GNU_SOURCE
#include "half.h"
#include "host.h"
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <stdlib.h>
#include <string.h>

typedef char *(*resolver)(const char *, char *);

API char *realpath(const char *restrict path, char *restrict to) {
	static resolver real;
	resolver r = __atomic_load_n(&real, __ATOMIC_RELAXED);
	if (!r) {
		r = (resolver)dlsym(RTLD_NEXT, "realpath");
		__atomic_store_n(&real, r, __ATOMIC_RELAXED);
	}
	char *found = r(path, to);
	const char *dotnet = clr_dotnet();
	if (found || errno != ENOENT || !dotnet || strcmp(path, "/proc/self/exe")) return found;
	return r(dotnet, to);
}

typedef int (*executer)(const char *, char *const *, char *const *);

// execve runs in the child, which shares our memory: it looks up nothing that is not looked up yet.
static executer real_execve;

__attribute__((constructor)) static void find_execve(void) { real_execve = (executer)dlsym(RTLD_NEXT, "execve"); }

API int execve(const char *path, char *const *arguments, char *const *environment) {
	sigset_t none;
	sigemptyset(&none);
	if (clr_dotnet()) pthread_sigmask(SIG_SETMASK, &none, NULL);
	return real_execve(path, arguments, environment);
}

typedef void (*ender)(int);

// hold keeps the thread if the app is on its way to be ready.
static void hold(const char *why) {
	if (!clr_dotnet() || __atomic_load_n(&clr_life.ready, __ATOMIC_SEQ_CST)) return;
	report(FAILED, why);
	for (;;) pause();
}

API void exit(int code) {
	char why[80];
	snprintf(why, sizeof why, "the app has ended with exit code %d before its server was ready", code);
	hold(why);
	((ender)dlsym(RTLD_NEXT, "exit"))(code);
	__builtin_unreachable();
}

API void abort(void) {
	hold("the runtime has ended before the app was ready; what it has said is in the worker's log");
	((ender)dlsym(RTLD_NEXT, "abort"))(0);
	__builtin_unreachable();
}
