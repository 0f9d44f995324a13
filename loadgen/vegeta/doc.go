// Package vegeta answers the question of loadgen with the vegeta library's
// attacker (github.com/tsenart/vegeta/v12): HTTPS, HTTP/2, h2c, and systems that
// the wire engine does not know.
//
//	Plan -> pacer: gives the attacker the time of the next request, and carries out the
//	        slices: epoch, drain, edge
//	attacker -> transport: finds due and target by the request's number, sends, reads
//	        the whole answer, records sent, first byte and done, and judges it
//	transport -> Recorder: our own histograms and outcomes
//
// Vegeta's own figures are not used: its timestamps begin when an attacker goroutine
// wakes, and its percentiles come from a sketch that was wrong by 1780 % at the p99.9 of a
// distribution with two modes. It has as many goroutines as all targets have connections
// and never starts more. Requests that wait for a connection wait in our queue.
//
// In HTTP/1.1, sent is when the first byte is written to the socket. In HTTP/2, which
// shares connections, sent is when the request got its connection. Header fields are sent
// in alphabetic order. Bytes are counted on the socket, with TLS.
//
// In HTTP/1.1, loadgen.Parser checks each answer before net/http reads it, so that this
// engine and wire agree on what is malformed. In HTTP/2 only net/http parses the frames;
// DATA after the answer to a HEAD request is not detected.
package vegeta
