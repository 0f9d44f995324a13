// Package httpsys answers one question: how does a request come in, and its
// response go out, before anyone has decided how the app is hosted? It is the
// HTTP.sys of this project: it owns the site's connections and makes a native
// Exchange of every request.
//
//	net.Listener -> Front -> Exchange -> Handler (models/ancm)
//
// There are two fronts, and a model never chooses between them: both models
// always run on the same one.
//
//	nethttp  on net/http: TLS, HTTP/2, every system; and the oracle in tests
//	lean     HTTP/1.1 over TCP or a Unix socket on unix-like systems: a goroutine
//	         per connection, the head parsed once into the Exchange, no
//	         allocation per plaintext request
//
// It hosts no app, forwards nothing, and knows nothing of the module.
//
// Where the fronts differ, lean is the stricter one: it answers 400 to a bare LF,
// a folded field, repeated Content-Length fields even when they agree,
// Content-Length beside Transfer-Encoding, a coding in HTTP/1.0 and white space
// behind a chunk's size, and 505 to any version but 1.0 and 1.1, all of which
// net/http repairs or ignores. It also skips one empty line before a request and
// answers 408 to a head or body that does not come in time, where net/http has
// 400 or closes. The nethttp front does not keep the order of fields with
// different names. models/ancm tests each difference (TestDifferential).
//
// When a client goes while its exchange is in progress the front notices by
// reading, by writing, or by its watch, which looks after exchanges that have
// lasted 50 ms: a watch per request would cost every request what only long
// ones need. On connections that are no sockets lean has no watch.
package httpsys
