// Package rawio answers one question: how do bytes move over a connection with
// the fewest system calls and the fewest changes of goroutine?
//
// A Conn is a net.Conn with three additions: Call, which writes a request and
// waits for the first bytes of its answer without the read that is bound to find
// nothing; deadlines that are moved without touching the runtime's timers; and
// Cancel, which ends every wait from another goroutine. On Linux they use the
// socket itself, on other systems, and on connections that are no sockets, the
// methods of net.Conn.
package rawio
