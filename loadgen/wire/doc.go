// Package wire answers one question: what does an HTTP/1.1 server do under this
// load, when the generator itself costs next to nothing? It is the native
// loadgen.Engine, for Linux, over TCP and Unix sockets.
//
//  1. A shard is a locked thread with its own connections, recorders, position in the
//     timetable, and epoll instance (edge-triggered, each connection registered once).
//     The number of a request group decides which shard sends it.
//  2. Requests are prepared as bytes. In the steady state a request takes one write,
//     one read and a share of one wait, and allocates nothing.
//  3. Each request has three times: due comes from loadgen.Plan, sent is read from the
//     clock just before the first byte is written, and done just after the read that
//     returned the last byte.
//  4. Shards meet only at the edges of slices, when nothing is in flight.
//
// In an open loop a due request takes a free connection or waits for one. The wait is
// part of its response time and is also recorded apart. If a connection ended while it
// was idle, the next request that needs it opens it again; that time is recorded apart,
// too. The rest of the time between due and sent is the generator's own lag.
//
// loadgen.Parser parses the answers. Bytes after a complete answer, or without a request,
// end the connection; earlier answers that may be such bytes are then counted as
// malformed. Bytes that arrive after a request was sent are taken as its answer, because
// the fault shows only when more bytes arrive than were asked for.
//
// The engine has no TLS and no HTTP/2, and it never judges a server.
package wire
