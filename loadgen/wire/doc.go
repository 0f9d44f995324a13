// Package wire answers one question: what does an HTTP/1.1 server do under this
// load, when the generator itself costs next to nothing? It is the native
// loadgen.Engine, for Linux, over TCP and Unix sockets.
//
//  1. A shard is a locked thread with its own epoll instance (edge-triggered,
//     each connection registered once), connections, walk of the timetable and
//     recorders. Request groups are dealt to shards by their number.
//  2. Requests are bytes made beforehand. A steady request costs one write, one
//     read and a share of one wait, and allocates nothing.
//  3. Each request is stamped three times: due comes from loadgen.Plan, sent is
//     read from the clock right before the first byte is handed over, done right
//     after the read that held the last one.
//  4. Shards meet only at the edges of slices, with nothing in flight.
//
// In an open loop a due request takes a free connection, or waits for one, and
// its wait is in its response time, recorded apart. A connection that ended while idle
// is opened again by the request that needs it; that is recorded apart, too. What is
// left between due and sent is the generator's own lag.
//
// The answer is parsed by loadgen.Parser. Bytes after a whole answer, or without a
// request, end the connection, and take back the answers that may have been such bytes
// themselves. What comes after its request was sent is taken for its answer: nobody can
// tell otherwise until more comes than was asked for.
//
// It does no TLS and no HTTP/2 and never judges a server: that is for reports.
package wire
