//go:build clr && linux && amd64 && cgo

#ifndef HOST_H
#define HOST_H
#pragma GCC visibility push(hidden)

// host_settings is what hostfxr starts.
typedef struct {
	const char *fxr;         // libhostfxr.so
	const char *host_path;   // dotnet
	const char *dotnet_root; // its folder
	const char *hook;        // the startup hook's assembly
	int argc;
	char **argv; // app.dll, and the arguments of Main
} host_settings;

// Codes of our own for life_state.start_code; those of hostfxr are others.
enum { START_NO_HOST = 1, START_NO_HOOK = 2 };

int clr_host_start(const host_settings *s);
const char *clr_dotnet(void); // host_path, NULL before the start
void main_ended(int code, int start_code);
#pragma GCC visibility pop
#endif
