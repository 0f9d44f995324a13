package models

// Operations of the control channels. was answers all of them, worker and app
// those that concern them.
const (
	opInit      = "init"
	opStop      = "stop"
	opRecycle   = "recycle"
	opKill      = "kill"      // body: a role
	opProcesses = "processes" // answer: []Process
	opRuntime   = "runtime"   // answer: map[role]Runtime
	opNext      = "next"      // answer: an Event, once there is one
)
