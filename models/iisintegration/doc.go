// Package iisintegration answers one question: what does an app do that runs
// behind the module? It is the app's side of the out-of-process model: a
// middleware that lets only the paired module in, and gives the app back what
// the extra hop has hidden: scheme, client address and path base.
//
// FromEnvironment reads what the module has set; New wraps the app's handler.
package iisintegration
