// Package kestrel answers one question: how does the app listen when nobody
// hosts it? It is the app's own server in its own process: reached by the
// module's forwarder out-of-process, and by clients themselves for the direct
// rung.
package kestrel
