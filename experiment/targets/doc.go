// Package targets answers one question: how does a target start, what does it cost while
// it is loaded, and how does it end?
//
//	Spec     what to measure: a bundled model, a proxy, a command or a running server.
//	Place    where it runs: cores, fronts, and how the module is configured.
//	Running  a target while its processes live. All that goes in and comes out is plain
//	         data, so that another machine can hold the target and answer by messages.
//	Local    starts targets on this machine: model.go, proxy.go, command.go, address.go.
//
// It loads nothing and decides nothing: package experiment asks, and the load generator
// tells when a slice ends.
package targets
