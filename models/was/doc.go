// Package was answers one question: when does a worker run?
//
// It plays the Windows Process Activation Service. An Activation holds the
// site's listening socket and watches it without ever accepting: while no worker
// runs, the first waiting connection starts one and hands it the socket; when the
// worker ends, for whatever reason, what it left behind is killed, and the next
// connection starts another. The socket never closes in between, so clients wait
// instead of being refused (IP-05).
//
// It needs a system that can hand an open socket to a child by inheritance: any
// Unix, and Windows, where each worker is in a job object and what it leaves behind
// ends with that. It does not know what a worker does.
package was
