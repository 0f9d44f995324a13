// Package iisintegration answers one question: what does an app do that runs behind the
// module? It is the app's side of the out-of-process model: a middleware that accepts
// requests of the paired module only, and restores what the extra hop has hidden from
// the app: scheme, client address and path base.
//
// FromEnvironment reads what the module has set; New wraps the app's handler.
package iisintegration
