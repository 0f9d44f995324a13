package targets

import (
	"context"
	"time"

	"ancmbench"
	"ancmbench/models"
)

// Start starts a target, and returns when it can be asked. report gets the faults of the
// target's processes as long as they live, from any goroutine. A Start that fails leaves
// nothing behind. If another attempt would fail too, the error wraps ErrFinal.
type Start func(ctx context.Context, spec Spec, place Place, report func(ancmbench.SiteEvent)) (Running, error)

// Running is a target while its processes live. Its methods are called by one goroutine at
// a time, except Done, Err and Kill. Between Begin and End nothing but Edge is called, and
// Kill in a phase that kills, so an implementation may be quiet as long as there is load.
type Running interface {
	// Target returns how to reach a front of the target, and what a right answer of it
	// looks like; front "" means the one that the Spec asks for. It has neither a name
	// nor a workload beyond the Spec's. It fails if there is no such front.
	Target(front string) (ancmbench.Target, error)
	// Info returns what is known of the target now.
	Info() Info

	// Open finds the target's processes and opens their counters. Call it after the
	// first answer, when every role has its processes. If they are open it does
	// nothing. It fails if the target is over; counters that this machine does not have
	// are no failure.
	Open(ctx context.Context) error
	// Memory reads the memory of each role that has processes. It returns what it could
	// read, and an Unread if that is not all.
	Memory(ctx context.Context) (map[ancmbench.Role]*ancmbench.MemoryUse, error)
	// Begin reads what is read before a load, and prepares for its edges. Open comes
	// first.
	Begin(ctx context.Context, watch Watch) error
	// Edge reads the CPU of all roles at the edge of a slice. The load generator calls
	// it when no request is in flight. A target on another machine reads its counters
	// there, at the instants of the load's timetable; of at it only takes which.
	Edge(at time.Time)
	// Asked tells, after the load and before End, what the target was asked for. It is not
	// called for a load that broke off.
	Asked(asked Asked)
	// End returns what the load since Begin has cost. It must be called for every Begin
	// that did not fail.
	End(ctx context.Context) (Costs, error)

	// Compiled returns what the .NET runtimes of the processes that Open found have
	// compiled; its zero value if none is .NET, or we did not start them. With follow
	// the runtimes go on sending it until a call without, so that asking often disturbs
	// them little. It fails if a runtime does not answer.
	Compiled(ctx context.Context, follow bool) (Compiled, error)

	// Warmed is called once the first load is over. Processes that connections reveal
	// are looked for again, and a proxy must show that it keeps its backend connections:
	// it fails if it does not.
	Warmed(ctx context.Context) error
	// Kill ends the processes of a role, as a crash would, and returns when they are
	// gone, and when that was by this machine's clock. What starts them again starts
	// them, and their counters are closed. It fails if the role does not run.
	Kill(ctx context.Context, role ancmbench.Role) (time.Time, error)
	// Relaunch starts all processes anew without waiting for them, and returns when it
	// began to start them. It is for a cold start of a target whose processes no request
	// starts. For all others it fails with errors.ErrUnsupported.
	Relaunch(ctx context.Context) (time.Time, error)

	// Done is closed when a long-lived process of the target has ended, asked or not.
	Done() <-chan struct{}
	// Err returns, once Done is closed, why; nil if Stop ended the target.
	Err() error
	// LastWords returns the last lines that the target's processes wrote, or "".
	LastWords(ctx context.Context) string
	// Stop stops the target's processes and removes what belongs to them. A server that
	// we did not start keeps running. It fails if a process or a counter reports an
	// error.
	Stop(ctx context.Context) error
}

// Info is what is known of a running target.
type Info struct {
	// Roles are the roles of its processes in the order of Costs.Usage; nil if no
	// process is known.
	Roles []ancmbench.Role
	// Processes are the processes that are counted, and why; nil before Open.
	Processes []ancmbench.Process
	// Missing is why no process is known, where Roles is nil.
	Missing string
	// Programs identify the program files of the processes, as far as they can be seen.
	Programs []string
	// Front, Protocol and Native are those of ancmbench.TargetInfo.
	Front, Protocol string
	Native          []string
}

// Watch says what is read during a load beside the CPU at its edges.
type Watch struct {
	// Course finds out to which processes the requests go on behind a server that we did
	// not start. That takes time at every edge, so nothing of such a load may be counted.
	Course bool
	// SystemCalls counts the system calls of each role, which slows every call.
	SystemCalls bool
	// Memory is the planned length of a load during which the memory of each role is
	// read, near its end or once a second; zero means that it is not read.
	Memory time.Duration
}

// Asked is what a target was asked for during a load.
type Asked struct {
	// Own has an element per edge, and is true if only this target was loaded before it.
	Own []bool
	// Requests is how many requests were sent to it.
	Requests int64
}

// Costs is what a target's processes used during a load.
type Costs struct {
	// Usage has an element per role, with all that End could read. Of CPU it has
	// Source, User and System; who was loaded between two edges is known to the caller.
	Usage []ancmbench.RoleUsage
	// CPU is the time that each role had used at each edge: all roles of the first call
	// of Edge, then of the second.
	CPU []time.Duration
	// Pauses has what each Go runtime says of its garbage collector's pauses, by the clock of
	// the machine that the processes run on; empty if none is a Go program of ours.
	Pauses []models.Runtime
	// Reconnects is how many connections the server behind a command has got during the
	// load, at least: the system forgets closed ones after a minute. It is nil where nothing
	// is behind it, and where they cannot be counted.
	Reconnects *int64
	// Failed says why CPU cannot be used; empty if it can.
	Failed string
	// Warnings are about the processes, without phase and target.
	Warnings []ancmbench.Warning
}

// At returns the CPU that a role had used at an edge, both counted from 0.
func (c Costs) At(edge, role int) time.Duration { return c.CPU[edge*len(c.Usage)+role] }
