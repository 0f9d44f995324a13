// Package websocket answers the question of loadgen for an upgraded connection: how long
// does a message take to the server and back?
//
//	Plan -> Run: carries out the slices (epoch, drain, edge) and gives due messages to free sockets
//	socket -> Recorder: writes the message, reads the answer, compares it and records the times
//
// A request here is one round trip: the body of the workload's request as a binary
// message (64 bytes if it has none), which the server must send back unchanged. The
// handshakes take place before the first slice and are not measured. A broken socket is
// opened again, and that is counted. First byte is when the head of the answer's first
// frame arrives. Sockets are used in turn.
package websocket
