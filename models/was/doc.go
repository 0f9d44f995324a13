// Package was answers one question: when does a worker run?
//
// It is the site's activation service, in the place of the Windows Process Activation
// Service (WAS). An Activation holds the listening socket of the site and watches it,
// but never accepts a connection. While no worker runs, the first connection that waits
// starts one, which inherits the socket. When a worker ends, for whatever reason, the
// Activation kills what it left behind, and the next connection starts another. The
// socket stays open in between, so clients wait and are not refused (IP-05).
//
// The package needs a system on which a child can inherit an open socket: any Unix, and
// Windows, where each worker is in a job object and what it leaves behind ends with
// that. It does not know what a worker does.
package was
