// Package caller answers one question: how does the process of an app learn who
// its caller is, when another process has asked for the proof?
//
// By a descriptor, as a process on Windows does by a duplicated token handle: the
// worker passes one over an inherited Unix socket pair (SCM_RIGHTS), the app's
// process says which number it has there, and this number goes with the request.
// What the descriptor gives is an Identity, once; the app closes it. A number
// stands for a person in one process only, and for nobody anywhere else.
//
// Sender is the worker's end, Receiver the app's. On the wire are records of fixed
// length: operation and id, 9 bytes, with a descriptor where one is passed; back
// come id and number, 12 bytes. The package knows nothing of HTTP.
package caller
