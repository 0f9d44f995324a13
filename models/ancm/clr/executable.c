//go:build clr && linux && amd64 && cgo

// realpath for the runtime. It asks for the path of this program, and does not start
// without an answer; but the file of a worker's program is removed as soon as the worker
// runs, so that nothing can be left of it. Then the answer is dotnet, which is what the
// app would be run by out-of-process.
//
// This definition stands before the C library's for all that dlopen loads.
#define _GNU_SOURCE
#include "half.h"
#include "host.h"
#include <dlfcn.h>
#include <errno.h>
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
