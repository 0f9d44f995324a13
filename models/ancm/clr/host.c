//go:build clr && linux && amd64 && cgo

// The host: hostfxr, which loads the runtime and runs the app's Main on a thread of its
// own.
#define _GNU_SOURCE
#include "half.h"
#include "host.h"
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void *hostfxr;
typedef void (*error_writer)(const char *);
typedef struct { size_t size; const char *host_path, *dotnet_root; } initialize_parameters;

static host_settings settings;
static size_t said;

const char *clr_dotnet(void) { return settings.host_path; }

// note keeps what hostfxr says of a fault.
static void note(const char *line) {
	size_t n = strlen(line), room = sizeof clr_life.said - 2 - said;
	if (said + 2 >= sizeof clr_life.said) return;
	if (n > room) n = room;
	memcpy(clr_life.said + said, line, n);
	clr_life.said[said + n] = '\n';
	said += n + 1;
}

// Actions of Go's that the runtime replaces, and that must stay Go's: these signals
// come from outside, to any thread.
static const int gos[] = {SIGINT, SIGQUIT, SIGPIPE, SIGTERM};
static struct sigaction actions[sizeof gos / sizeof *gos];
static int kept;

static void keep_signals(void) {
	for (unsigned i = 0; i < sizeof gos / sizeof *gos; i++) sigaction(gos[i], NULL, &actions[i]);
	clr_keep_segv();
	kept = 1;
}

// Signals from outside that an app may have handled, as when it starts a program. Those
// that a thread causes itself, and the one by which the runtime suspends its threads,
// are left as they are: their handlers must find the thread's own stack.
static const int others[] = {SIGHUP, SIGALRM, SIGUSR1, SIGUSR2, SIGCHLD, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH, SIGIO};

// restore_signals gives Go its actions back, and lets the handlers of the others run on
// the alternate stack: a goroutine's has no room for them.
void restore_signals(void) {
	if (!kept) return; // nothing was replaced
	for (unsigned i = 0; i < sizeof gos / sizeof *gos; i++) sigaction(gos[i], &actions[i], NULL);
	for (unsigned i = 0; i < sizeof others / sizeof *others; i++) {
		struct sigaction a;
		if (sigaction(others[i], NULL, &a) || a.sa_handler == SIG_DFL || a.sa_handler == SIG_IGN || a.sa_flags & SA_ONSTACK) continue;
		a.sa_flags |= SA_ONSTACK;
		sigaction(others[i], &a, NULL);
	}
}

static void *symbol(void *library, const char *name) {
	void *f = dlsym(library, name);
	if (!f) note(dlerror());
	return f;
}

static int ended(int start_code) {
	main_ended(0, start_code);
	return 0;
}

// add_hook puts our hook before those that the app's environment names.
static int add_hook(hostfxr h, int (*get)(hostfxr, const char *, const char **), int (*set)(hostfxr, const char *, const char *)) {
	const char *more = NULL, *supported = NULL;
	if (!get(h, "System.StartupHookProvider.IsSupported", &supported) && supported && !strcasecmp(supported, "false")) {
		note("the app switches startup hooks off (System.StartupHookProvider.IsSupported), as trimmed apps do, and in-process hosting needs one; Fix: hostingModel=\"outofprocess\", or publish without trimming");
		return -1;
	}
	char *both = NULL;
	if (!get(h, "STARTUP_HOOKS", &more) && more && *more && asprintf(&both, "%s:%s", settings.hook, more) < 0) return -1;
	int rc = set(h, "STARTUP_HOOKS", both ? both : settings.hook);
	free(both);
	return rc;
}

static int run(void) {
	void *library = dlopen(settings.fxr, RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		note(dlerror());
		return ended(START_NO_HOST);
	}
	int (*initialize)(int, const char **, const initialize_parameters *, hostfxr *) = symbol(library, "hostfxr_initialize_for_dotnet_command_line");
	int (*get)(hostfxr, const char *, const char **) = symbol(library, "hostfxr_get_runtime_property_value");
	int (*set)(hostfxr, const char *, const char *) = symbol(library, "hostfxr_set_runtime_property_value");
	int (*run_app)(hostfxr) = symbol(library, "hostfxr_run_app");
	int (*close_host)(hostfxr) = symbol(library, "hostfxr_close");
	error_writer (*set_writer)(error_writer) = symbol(library, "hostfxr_set_error_writer");
	if (!initialize || !get || !set || !run_app || !close_host || !set_writer) return ended(START_NO_HOST);
	set_writer(note); // of this thread alone
	keep_signals();
	initialize_parameters parameters = {sizeof parameters, settings.host_path, settings.dotnet_root};
	hostfxr h = NULL;
	int rc = initialize(settings.argc, (const char **)settings.argv, &parameters, &h);
	if (rc < 0 || rc > 2 || !h) {
		if (h) close_host(h);
		return ended(rc);
	}
	if (add_hook(h, get, set)) {
		close_host(h);
		return ended(START_NO_HOOK);
	}
	said = 0;
	clr_life.said[0] = 0;
	rc = run_app(h);
	restore_signals();
	close_host(h);
	main_ended(rc, 0);
	return 0;
}

static void *run_thread(void *none) {
	pthread_setname_np(pthread_self(), "clr-main");
	run();
	return none;
}

// clr_host_start starts the app. s and all it points to stay.
int clr_host_start(const host_settings *s) {
	settings = *s;
	return start_thread(run_thread, NULL);
}
