// Package appprocess answers one question: when does a process of the app start,
// serve and end?
//
//	New -> Start, for a first request -> ancm.Backend -> Recycle, Offline, Shutdown
//
// Processes is the process manager of the out-of-process models, and an
// ancm.Backends to the forwarder, which knows nothing of processes. One process has a
// slot; the state machine of models/internal/life decides what happens there. The
// package prints nothing: a start that fails is an error, and an event for Options.Report.
package appprocess
