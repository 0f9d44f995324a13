// Package websocket answers the question of loadgen for a connection that was
// upgraded: how long does a message take to the server and back?
//
//	Plan -> Run: the slice machine: epoch, drain, edge; hands due messages to free sockets
//	socket -> Recorder: writes the message, reads the answer, stamps, compares
//
// A request here is one round trip: the body of the workload's request as a binary
// message (64 bytes if it has none), which the server must send back as it is. The
// handshakes are before the first slice and are not measured; a socket that broke
// is opened anew, and that is counted. First byte is the head of the answer's
// first frame. Sockets are used in turn.
package websocket
