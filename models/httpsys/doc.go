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
// Where the fronts differ, lean is the stricter one: it refuses a bare LF,
// repeated Content-Length fields even when they agree, and Content-Length beside
// Transfer-Encoding, all of which net/http repairs. The nethttp front also does
// not keep the order of fields with different names.
package httpsys
