// Package webconfig answers one question: what does a web.config ask of the module?
//
//	Find -> the file -> Reader -> Config -> Program, OpenDebugLog, OpenStdoutLog
//
// A Reader reports every fault of a file at once, with its line, and gives notice of
// what is accepted and has no effect. Paths are as Windows writes them, and are made
// into those of this system here and nowhere else. The package starts nothing.
package webconfig
