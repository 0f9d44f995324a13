package appprocess

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"

	"ancmbench/models/ancm"
	"ancmbench/models/ancm/debuglog"
	"ancmbench/models/internal/caller"
	"ancmbench/models/internal/control"
	"ancmbench/models/internal/proctree"
)

// Indexes of what a Controlled app inherits: its end of the control channel and, if
// there is one, of the channel for the identities of users.
const (
	controlGift = 0
	callersGift = 1
)

// OpListen is the first operation that a Controlled app gets. It answers when it
// listens.
const OpListen = "init"

// process is one process of the app.
type process struct {
	pid     int
	port    int // 0 with a Unix socket
	backend *ancm.Backend
	control *control.Caller // nil if there is none
	cmd     *exec.Cmd
	gifts   []*proctree.Gift // closed once it runs
	family  family
	output  *output
	asked   chan struct{} // closed when it is told to end
	exited  chan struct{}
	err     error // how it ended, once exited is closed

	// It was sent SIGTERM; it is being ended by force; it has ended unasked.
	signaled, forced, crashed atomic.Bool
}

// errHopeless marks a failure that a second attempt would only repeat.
type errHopeless struct{ error }

func (e errHopeless) Unwrap() error { return e.error }

// launch starts a process for an empty slot, while requests wait for it. It fails if no
// attempt succeeds or ctx ends, and reports why.
func (p *Processes) launch(ctx context.Context) (*process, error) {
	proc, err := p.tryStarts(ctx)
	if err != nil && ctx.Err() == nil {
		p.opt.Debug.Printf(debuglog.Error, "the app does not run: %v", err)
		p.notStarted(err)
	}
	return proc, err
}

func (p *Processes) tryStarts(ctx context.Context) (*process, error) {
	if err := p.fails.check(); err != nil {
		return nil, &StartError{Reason: err}
	}
	userPort, err := p.opt.userPort()
	if err != nil {
		return nil, &StartError{Reason: err}
	}
	for n := range p.opt.Attempts {
		var proc *process
		proc, err = p.attempt(ctx, userPort)
		if err == nil {
			return proc, nil
		}
		if ctx.Err() != nil {
			return nil, ancm.Stopping()
		}
		p.fails.add()
		p.opt.Debug.Printf(debuglog.Warning, "start %d of %d failed: %v", n+1, p.opt.Attempts, err)
		var hopeless errHopeless
		if errors.As(err, &hopeless) {
			break
		}
	}
	return nil, err
}

// attempt starts one process and waits until it listens. It fails with a *StartError.
func (p *Processes) attempt(parent context.Context, port int) (*process, error) {
	backend := &ancm.Backend{Network: "tcp", Ends: true}
	if !p.opt.NoToken {
		backend.Token = newToken()
	}
	switch {
	case p.opt.UnixSocket:
		backend.Network, backend.Address = "unix", socketName()
	case port == 0:
		var err error
		if port, err = pickPort(); err != nil {
			return nil, &StartError{Reason: err}
		}
		fallthrough
	default:
		backend.Address = loopback(port)
	}
	proc := &process{port: port, backend: backend, asked: make(chan struct{}), exited: make(chan struct{})}
	if p.opt.UnixSocket {
		proc.port = 0
	}
	began := time.Now()
	p.opt.Debug.Printf(debuglog.Info, "starting %q %q in %q, to listen on %s", p.opt.Command.Path, p.opt.Command.Args, p.opt.Command.Dir, proc.place())
	if err := p.spawn(proc); err != nil {
		return nil, &StartError{Reason: errHopeless{err}}
	}
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	limit := time.AfterFunc(p.opt.Config.StartupTimeLimit, func() { cancel(errLate) })
	defer limit.Stop()
	if err := p.untilListening(ctx, proc); err != nil {
		close(proc.asked)
		proc.kill()
		<-proc.exited
		return nil, &StartError{Reason: err, Output: proc.output.captured(), Last: proc.output.last()}
	}
	p.opt.Debug.Printf(debuglog.Info, "process %d listens on %s, after %v", proc.pid, proc.place(), time.Since(began))
	p.started(proc, time.Since(began))
	return proc, nil
}

// errLate is the cause of a start that took longer than startupTimeLimit.
var errLate = errors.New("startupTimeLimit is over")

// spawn starts the program. When it succeeds, proc.exited is closed at the end of the
// process.
func (p *Processes) spawn(proc *process) (err error) {
	c := p.opt.Command
	path, err := c.Find()
	if err != nil {
		return err
	}
	defer func() {
		for _, g := range proc.gifts {
			g.Close() // the process has its own
		}
		if err != nil {
			proc.closeChannels()
		}
	}()
	if c.Controlled {
		if err = p.channels(proc); err != nil {
			return err
		}
	}
	out, err := p.openOutput(time.Now())
	if err != nil {
		return err
	}
	defer out.started()
	attributes := p.opt.Attributes
	attributes.Group = true
	attr, release, err := attributes.SysProcAttr()
	if err != nil {
		return err
	}
	defer release()
	proc.output = out
	proc.cmd = &exec.Cmd{
		Path:        path,
		Args:        append([]string{cmp.Or(c.Name, c.Path)}, c.Args...),
		Dir:         c.Dir,
		Env:         p.opt.environment(proc),
		Stdout:      out.file,
		Stderr:      out.file,
		SysProcAttr: attr,
	}
	if err := proctree.Give(proc.cmd, proc.gifts...); err != nil {
		return err
	}
	if err := p.thread.Start(proc.cmd); err != nil {
		return fmt.Errorf("processPath %s: %w", c.Path, err)
	}
	proc.pid = proc.cmd.Process.Pid
	if err := proc.family.adopt(proc.pid); err != nil {
		return errors.Join(err, proc.cmd.Process.Kill(), proc.cmd.Wait())
	}
	go proc.await()
	return nil
}

// await waits for the end of the process, and ends the others of its group.
func (proc *process) await() {
	proc.awaitGroup()
	proc.err = proc.cmd.Wait()
	proc.closeChannels()
	close(proc.exited)
}

// channels opens what a Controlled process inherits.
func (p *Processes) channels(proc *process) error {
	mine, theirs, err := control.Pair()
	if err != nil {
		return err
	}
	proc.control = control.NewCaller(mine)
	proc.gifts = append(proc.gifts, theirs)
	if p.opt.NoToken || !p.opt.Config.ForwardWindowsToken || !caller.Supported {
		return nil
	}
	if mine, theirs, err = control.Pair(); err != nil {
		return err
	}
	proc.gifts = append(proc.gifts, theirs)
	proc.backend.Callers, err = caller.NewSender(mine)
	return err
}

func (proc *process) closeChannels() {
	if proc.control != nil {
		proc.control.Close()
	}
	if proc.backend.Callers != nil {
		proc.backend.Callers.Close()
	}
}

func (proc *process) over() bool {
	select {
	case <-proc.exited:
		return true
	default:
		return false
	}
}

// ending returns the way in which the process has ended, in words.
func (proc *process) ending() string {
	if proc.err != nil {
		return proc.err.Error()
	}
	return "exit status 0"
}

// untilListening waits until proc accepts connections. It fails if proc ends before,
// another program listens on its port, or ctx ends.
func (p *Processes) untilListening(ctx context.Context, proc *process) error {
	if proc.control != nil && p.opt.PollEvery == 0 && p.opt.Config.StartupTimeLimit > 0 {
		err := proc.control.Call(ctx, OpListen, nil, nil)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, control.ErrClosed):
			<-proc.exited
			return proc.endedEarly()
		case ctx.Err() != nil:
			return p.late(ctx, proc)
		}
		return err // the app says why
	}
	pause := p.opt.PollEvery
	if pause == 0 {
		pause = time.Millisecond
	}
	for {
		holder, err := proctree.WhoListens(proc.port, proc.pid)
		if err != nil {
			return err
		}
		switch holder {
		case proctree.Ours, proctree.Somebody:
			return nil
		case proctree.Stranger:
			return fmt.Errorf("port %d: a process that does not belong to the app listens there", proc.port)
		}
		if p.opt.Config.StartupTimeLimit == 0 {
			return p.late(ctx, proc) // the one look
		}
		select {
		case <-proc.exited:
			return proc.endedEarly()
		case <-time.After(pause):
		case <-ctx.Done():
			return p.late(ctx, proc)
		}
		if p.opt.PollEvery == 0 {
			pause = min(pause*3/2, 20*time.Millisecond)
		}
	}
}

func (proc *process) endedEarly() error {
	if proc.err != nil {
		return fmt.Errorf("it ended before it listened on %s: %w", proc.place(), proc.err)
	}
	return fmt.Errorf("it ended before it listened on %s: %s", proc.place(), proc.ending())
}

// place returns where the process was told to listen.
func (proc *process) place() string {
	if proc.port == 0 {
		return "socket " + proc.backend.Address
	}
	return fmt.Sprintf("port %d (%s)", proc.port, EnvPort)
}

// late returns the error of a process that does not listen in time. It names the port,
// and the ports on which the process listens instead (OP-19).
func (p *Processes) late(ctx context.Context, proc *process) error {
	if cause := context.Cause(ctx); cause != nil && cause != errLate {
		return ctx.Err() // the module stops
	}
	err := fmt.Errorf("it does not listen on %s within startupTimeLimit, %v",
		proc.place(), p.opt.Config.StartupTimeLimit)
	if pids, derr := proctree.Descendants(proc.pid); derr == nil {
		if other, oerr := proctree.Owned(append(pids, proc.pid)); oerr == nil && len(other) > 0 {
			err = fmt.Errorf("%w; %s", err, proc.listensInstead(other))
		}
	}
	return errHopeless{err}
}

// listensInstead says where an app listens whose time is over, and whether it came too late.
func (proc *process) listensInstead(found []proctree.Listener) string {
	names := make([]string, len(found))
	for i, l := range found {
		names[i] = l.Address.String()
		if proc.port != 0 && int(l.Address.Port()) == proc.port {
			return "it listens there only now"
		}
	}
	return "it listens on " + strings.Join(names, ", ") + " instead"
}
