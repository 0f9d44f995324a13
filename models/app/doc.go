// Package app answers one question: what does the hosted application do? It is
// one http.Handler, byte for byte the same under every hosting model.
//
// The same request always gives the same bytes, with a Content-Length unless the
// path is /stream. The package knows nothing of how it is hosted; /whoami shows
// what it is told.
package app
