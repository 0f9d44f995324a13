//go:build clr && linux && amd64 && cgo

#ifndef MANAGED_H
#define MANAGED_H
#include <stdint.h>

// What went wrong, and how much happened.
typedef struct {
	int64_t requests, disconnects, waits, readers, writers;
	int64_t stale_callbacks; // a callback for a request that was over
	int64_t twice;           // a completion that nobody waited for
	int64_t late_faults;     // a call after the end that did not return 0
	int64_t refused;         // a function that failed where it must not
	int64_t drained;
} managed_counts;

extern managed_counts counts;

// The last thread that called for the first time, and the blocked signals (signal n is bit n-1)
// of one that was started in that call.
typedef struct {
	int32_t caller;
	uint64_t started;
} thread_masks;

extern thread_masks masks;
int managed_start(int threads); // 0, or what failed
void managed_stop(void);        // as the server's StopAsync
void managed_immediate(int on); // answer inside the request callback
int managed_second(void);       // what a second server is told
#endif
