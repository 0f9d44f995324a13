// Package models answers one question: how does a hosting model come up, who
// are its processes, and how does it go away without a trace?
//
//	Start -> Site: address, processes by role, runtime figures, recycle, stop.
//	RunRole: the first line of main; turns the process into was, worker or app
//	when the environment says so, and returns only in the parent.
//
// It knows nothing of load and measures nothing.
package models
