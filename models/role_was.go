//go:build unix || windows

package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"ancmbench"
	"ancmbench/models/ancm/appprocess"
	"ancmbench/models/ancm/eventlog"
	"ancmbench/models/internal/control"
	"ancmbench/models/internal/proctree"
	"ancmbench/models/was"
)

// play plays a role until its end, and returns the exit code.
func play(role string, handler http.Handler) int {
	signal.Ignore(syscall.SIGINT) // Ctrl-C is the parent's to handle
	var err error
	switch role {
	case RoleWAS:
		err = playWAS()
	case RoleWorker:
		err = playWorker(handler)
	case RoleApp:
		err = playApp(handler)
	default:
		err = fmt.Errorf("unknown role, %s must be one of %s, %s, %s", envRole, RoleWAS, RoleWorker, RoleApp)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", role, err)
		return 1
	}
	return 0
}

// wasRole is the state of an activation service (was) process.
type wasRole struct {
	set        settings
	activation *was.Activation
	say        *outbox[Event]
	told       chan struct{} // closed when the settings are there
}

func playWAS() error {
	conn, err := inheritedControl()
	if err != nil {
		return err
	}
	socket, err := inheritedSocket(was.SocketGift)
	if err != nil {
		return err
	}
	r := &wasRole{told: make(chan struct{}), say: newOutbox[Event]()}
	setUp := make(chan error, 1)
	handle := func(ctx context.Context, op string, body json.RawMessage) (any, error) {
		if op == opInit {
			err := r.setUp(socket, body)
			setUp <- err
			return nil, err
		}
		select {
		case <-r.told:
			return r.answer(ctx, op, body)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	eof := answering(conn, handle)
	select {
	case err := <-setUp:
		if err != nil {
			<-eof // the parent has our answer and ends us
			return err
		}
	case <-eof:
		return errors.New("the parent ended before it sent the settings")
	}
	go r.endWith(eof)
	err = r.activation.Run()
	select {
	case <-eof:
	default:
		r.say.flush(time.Second)
	}
	return errors.Join(err, r.clean())
}

// setUp makes the activation of the settings in body. It fails if they cannot be read
// or a socket is missing.
func (r *wasRole) setUp(socket *proctree.Gift, body json.RawMessage) error {
	if err := json.Unmarshal(body, &r.set); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	if executableOutlivesFile {
		// From here on not even kill -9 of everybody leaves the copy behind.
		if err := os.RemoveAll(r.set.Dir); err != nil {
			return err
		}
	}
	if err := errors.Join(proctree.Subreaper(), proctree.Pin(r.set.Options.CPUs)); err != nil {
		return err
	}
	more, err := r.set.Options.furtherSockets()
	if err != nil {
		return err
	}
	a, err := was.New(was.Options{
		Socket:     socket,
		More:       more,
		Command:    r.workerCommand,
		Attributes: proctree.Attributes{Group: true, DieWithParent: true, Cgroup: r.set.Options.Cgroups[RoleWorker]},
		Init:       r.set,
		Mark:       r.set.mark(),
		Report:     r.pass,
		Died: func(pid int, how string) {
			reporter{put: r.say.put}.report(eventlog.WorkerEnded, "the worker process %d has ended unasked: %s; the next connection starts another", pid, how)
		},
	})
	if err != nil {
		return err
	}
	r.activation = a
	close(r.told)
	return nil
}

// pass passes on an event that a worker has reported.
func (r *wasRole) pass(report json.RawMessage) {
	var e Event
	if json.Unmarshal(report, &e) == nil { // a worker writes nothing else
		r.say.put(e)
	}
}

func (r *wasRole) workerCommand() *exec.Cmd {
	env := r.set.environment(RoleWorker)
	if r.set.Options.Model == ancmbench.InProcess {
		// The app's environment is the worker's (BM-04), as configured now. A
		// fault of the configuration is the worker's to report.
		if c, _, err := r.set.Options.module(); err == nil {
			env = appprocess.Override(env, c.Environment)
			if c.NoWebSockets {
				env = append(env, appprocess.EnvWebSockets+"=false")
			}
		}
		if r.set.HTTPSPort != 0 {
			env = append(env, appprocess.EnvHTTPSPort+"="+strconv.Itoa(r.set.HTTPSPort))
		}
	}
	return &exec.Cmd{
		Path:   r.set.ownExecutable(),
		Args:   []string{r.set.title(RoleWorker)},
		Env:    env,
		Stderr: os.Stderr,
	}
}

// endWith ends the activation when the parent is gone, or when a signal asks for it.
func (r *wasRole) endWith(eof <-chan struct{}) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-eof
		cancel() // nobody is left to wait for a grace
	}()
	select {
	case <-eof:
	case <-terminated():
	}
	r.activation.End(ctx)
}

func (r *wasRole) clean() error {
	err := removeCgroups(r.set.Options.Cgroups)
	if runtime.GOOS == "windows" {
		return err // a program cannot remove itself: the parent does
	}
	return errors.Join(os.RemoveAll(r.set.Dir), err)
}

// answer answers an operation on the was process's control channel. It fails if it does
// not know the operation, or the operation fails.
func (r *wasRole) answer(ctx context.Context, op string, body json.RawMessage) (any, error) {
	switch op {
	case opStop:
		r.activation.End(ctx)
		return nil, nil
	case opRecycle:
		return nil, r.activation.Recycle(ctx)
	case opKill:
		return nil, r.killRole(ctx, body)
	case opProcesses:
		return r.processes(ctx)
	case opRuntime:
		return r.runtimes(ctx)
	case opNext:
		return r.say.next(ctx)
	}
	return nil, fmt.Errorf("unknown operation %q", op)
}

func (r *wasRole) killRole(ctx context.Context, body json.RawMessage) error {
	var role string
	if err := json.Unmarshal(body, &role); err != nil {
		return err
	}
	switch role {
	case RoleWorker:
		return r.activation.Kill(ctx)
	case RoleApp:
		w, err := r.activation.Worker(ctx)
		if err != nil {
			return err
		}
		if w == nil {
			return was.ErrNoWorker
		}
		return w.Control.Call(ctx, opKill, role, nil)
	}
	return fmt.Errorf("unknown role %q", role)
}

func (r *wasRole) processes(ctx context.Context) ([]Process, error) {
	out := []Process{{Role: RoleWAS, PID: os.Getpid()}}
	w, err := r.activation.Worker(ctx)
	if err != nil {
		return out, err
	}
	if w == nil {
		return out, nil
	}
	var below []Process
	switch err := w.Control.Call(ctx, opProcesses, nil, &below); {
	case errors.Is(err, control.ErrClosed): // it has just ended
	case err != nil:
		return nil, err
	}
	out = append(out, below...)
	return out, nil
}

func (r *wasRole) runtimes(ctx context.Context) (map[string]Runtime, error) {
	out := map[string]Runtime{}
	w, err := r.activation.Worker(ctx)
	if err != nil {
		return nil, err
	}
	if w != nil {
		err := w.Control.Call(ctx, opRuntime, nil, &out)
		if err != nil && !errors.Is(err, control.ErrClosed) {
			return nil, err
		}
	}
	out[RoleWAS] = goRuntime()
	return out, nil
}
