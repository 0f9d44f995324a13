// Package vegeta answers the question of loadgen with the vegeta library's
// attacker (github.com/tsenart/vegeta/v12): HTTPS, HTTP/2, h2c, and systems that
// the wire engine does not know.
//
//	Plan -> pacer: tells the attacker when the next request leaves, and runs the
//	        slice machine: epoch, drain, edge
//	attacker -> transport: due and target by the request's number, sends, reads
//	        the whole answer, stamps sent, first byte and done, judges it
//	transport -> Recorder: our own histograms and outcomes
//
// What vegeta reports of itself is not used: its timestamps begin when a worker
// wakes, and its percentiles come from a sketch that was 1780 % wrong at
// the p99.9 of two modes. Its workers are as many as the connections of all targets, and no
// more are ever spawned; what waits for a connection waits in our queue.
//
// Sent is when the first byte is written to the socket in HTTP/1.1, and when the
// request got its connection in HTTP/2, where connections are shared. Header
// fields leave in alphabetic order. Bytes are counted on the socket, with TLS.
//
// In HTTP/1.1 each answer is held against the grammar of loadgen.Parser before net/http
// sees it, so that this engine calls malformed what wire does. In HTTP/2 it is net/http
// alone that knows the frames, and DATA behind the answer to a HEAD are not seen.
package vegeta
