// Package debuglog answers one question: where does the module write what it does,
// and how much of it (debugLevel, CF-13)?
//
// ParseLevel reads a debugLevel, Open opens the places that it names, and Printf
// writes a line to each. Which file that is, package webconfig says. The package
// knows nothing of requests; what the app prints does not go through it.
package debuglog
