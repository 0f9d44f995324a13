package models

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ancmbench"
	"ancmbench/models/ancm/eventlog"
	"ancmbench/models/ancm/webconfig"
	"ancmbench/models/internal/control"
	"ancmbench/models/internal/proctree"
)

// Site is a hosting model that runs: an activation service (the was process), the
// workers that it has started, and their apps. Its methods are safe for concurrent use.
type Site struct {
	opt     Options
	set     settings
	address string
	fronts  []string // addresses of Options.Fronts
	front   string
	was     *os.Process
	family  family
	control *control.Caller
	tail    *logTail
	heard   chan struct{} // closed when the was process has nothing more to say
	done    chan struct{}

	mu       sync.Mutex
	stopping bool
	err      error // why it is over, set before done is closed
}

// OptionsError is the error of Start for options, or a web.config, with a fault.
// Nothing was started, and a second attempt would fail too.
type OptionsError struct {
	// Err joins the faults.
	Err error
}

func (e *OptionsError) Error() string { return "site: " + e.Err.Error() }

// Unwrap returns the faults.
func (e *OptionsError) Unwrap() error { return e.Err }

// Start starts a site. When it returns, the activation service watches the listening
// address. The first request starts the worker and its app. ctx bounds the start only.
// A Start that fails leaves nothing behind. If the options have a fault, the error is
// an *OptionsError.
func Start(ctx context.Context, opt Options) (*Site, error) {
	opt, front, err := opt.check()
	if err != nil {
		return nil, errors.Join(&OptionsError{Err: err}, removeCgroups(opt.Cgroups))
	}
	s, err := start(ctx, opt, front)
	if err != nil {
		return nil, fmt.Errorf("site %s: %w", opt.Name, err)
	}
	return s, nil
}

func start(ctx context.Context, opt Options, front string) (_ *Site, err error) {
	if err := supported(opt); err != nil {
		return nil, errors.Join(err, removeCgroups(opt.Cgroups))
	}
	sockets, addresses, err := listenAll(opt)
	if err != nil {
		return nil, errors.Join(err, removeCgroups(opt.Cgroups))
	}
	defer closeAll(sockets) // was has copies
	var id identity
	httpsPort := 0
	if i := slices.Index(opt.Fronts, FrontTLS); i >= 0 {
		if id, err = newIdentity(addresses[1+i]); err != nil {
			return nil, errors.Join(err, removeCgroups(opt.Cgroups))
		}
		httpsPort = portOf(addresses[1+i])
	}
	dir, executable, err := copySelf()
	if err != nil {
		return nil, errors.Join(err, removeCgroups(opt.Cgroups))
	}
	s := &Site{opt: opt, address: addresses[0], fronts: addresses[1:], front: front, tail: newLogTail(opt),
		done: make(chan struct{}), set: settings{Options: opt, Site: newID(), Dir: dir, Executable: executable, Identity: id, HTTPSPort: httpsPort}}
	if err := s.spawn(sockets); err != nil {
		return nil, errors.Join(err, s.clean())
	}
	if err := s.control.Call(ctx, opInit, s.set, nil); err != nil {
		s.over(fmt.Errorf("the activation service (was) does not start: %w%s", err, s.quoteTail()))
		s.kill()
		<-s.done
		return nil, s.err
	}
	return s, nil
}

// portOf returns the port of the address of a socket, 0 if it has none.
func portOf(address string) int {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(port) // a number, as the system writes it
	return n
}

// listenAll opens the sockets of the site: its own and one per further front.
func listenAll(opt Options) (sockets []*proctree.Gift, addresses []string, err error) {
	for i := range 1 + len(opt.Fronts) {
		address := opt.Listen
		if i > 0 {
			if address, err = opt.furtherAddress(i-1, addresses[0]); err != nil {
				return nil, nil, errors.Join(err, closeAll(sockets))
			}
		}
		f, at, err := listen(address)
		if err != nil {
			return nil, nil, errors.Join(err, closeAll(sockets))
		}
		sockets, addresses = append(sockets, f), append(addresses, at)
	}
	return sockets, addresses, nil
}

func closeAll(files []*proctree.Gift) error {
	var faults []error
	for _, f := range files {
		faults = append(faults, f.Close())
	}
	return errors.Join(faults...)
}

// listen opens a socket of the site that a child can inherit.
func listen(address string) (*proctree.Gift, string, error) {
	s, at, err := openSocket(address)
	switch {
	case err == nil:
		return s, at, nil
	case portTaken(err):
		return nil, "", fmt.Errorf("cannot listen on %s: another program already does", address)
	}
	return nil, "", fmt.Errorf("cannot listen on %s: %w", address, err)
}

// spawn starts the was process.
func (s *Site) spawn(sockets []*proctree.Gift) error {
	mine, theirs, err := control.Pair()
	if err != nil {
		return err
	}
	defer theirs.Close()
	outR, outW, err := os.Pipe()
	if err != nil {
		return errors.Join(err, mine.Close())
	}
	defer outW.Close()
	// A group of its own: Ctrl-C on the terminal is for the parent to handle.
	attr, release, err := proctree.Attributes{Group: true, Cgroup: s.opt.Cgroups[RoleWAS]}.SysProcAttr()
	if err != nil {
		return errors.Join(err, mine.Close(), outR.Close())
	}
	defer release()
	cmd := &exec.Cmd{
		Path:        s.set.Executable,
		Args:        []string{s.set.title(RoleWAS)},
		Env:         s.set.environment(RoleWAS),
		Stderr:      outW,
		SysProcAttr: attr,
	}
	if err := proctree.Give(cmd, append([]*proctree.Gift{theirs}, sockets...)...); err != nil {
		return errors.Join(err, mine.Close(), outR.Close())
	}
	if err := s.begin(cmd); err != nil {
		return errors.Join(fmt.Errorf("starting the activation service (was): %w", err), mine.Close(), outR.Close())
	}
	s.was = cmd.Process
	s.control = control.NewCaller(mine)
	go s.tail.fill(outR)
	s.heard = make(chan struct{})
	go s.hear()
	go s.await(cmd)
	return nil
}

// hear passes the site's events to Options.Report, until the was process is gone.
func (s *Site) hear() {
	defer close(s.heard)
	for {
		var e Event
		if err := s.control.Call(context.Background(), opNext, nil, &e); err != nil {
			return
		}
		if s.opt.Report != nil {
			s.opt.Report(s.explained(e))
		}
	}
}

// explained returns an event about the end of an app in its worker, with what the worker has
// printed of it: nobody else reads that.
func (s *Site) explained(e Event) Event {
	ended := e.Kind == eventlog.WorkerEnded || e.Kind == eventlog.AppNotStarted
	if s.opt.Model != ancmbench.InProcess || !ended || len(e.Output) > 0 {
		return e
	}
	if why := s.tail.death(lastWords); why != "" && !strings.Contains(e.Text, message(why)) {
		e.Output = []string{why}
	}
	return e
}

// message returns of why what the event itself may say: the text of an exception alone, or the
// name of a framework.
func message(why string) string {
	if name, lacks := strings.CutPrefix(why, eventlog.Lacks); lacks {
		return name
	}
	_, rest, _ := strings.Cut(why, ": ")
	if _, text, found := strings.Cut(rest, ": "); found {
		return strings.TrimSuffix(text, "...")
	}
	return why
}

// lastWords bounds the wait for the last output of a process that has ended: it is in a pipe
// already.
const lastWords = 100 * time.Millisecond

// begin starts the was process in the site's family, before it does anything.
func (s *Site) begin(cmd *exec.Cmd) (err error) {
	if s.family, err = newFamily(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return errors.Join(err, s.family.end(0))
	}
	if err := s.family.add(cmd.Process.Pid); err != nil {
		return errors.Join(err, cmd.Process.Kill(), cmd.Wait(), s.family.end(forceful))
	}
	return nil
}

// await waits for the end of the was process, and removes what that could not.
func (s *Site) await(cmd *exec.Cmd) {
	err := cmd.Wait()
	s.control.Close()
	<-s.heard
	cleaned := s.clean()
	s.mu.Lock()
	switch {
	case s.err != nil:
	case s.stopping:
		s.err = nil
	case err == nil:
		s.err = fmt.Errorf("site %s: its activation service (was) ended unasked%s", s.opt.Name, s.quoteTail())
	default:
		s.err = fmt.Errorf("site %s: its activation service (was) died (%w)%s", s.opt.Name, err, s.quoteTail())
	}
	s.err = errors.Join(s.err, cleaned)
	s.mu.Unlock()
	close(s.done)
}

// clean removes what is left of the site: usually nothing, but everything if the was
// process was killed.
func (s *Site) clean() error {
	return errors.Join(
		killMarked(s.set.mark()),
		s.family.end(forceful),
		removeCopy(s.set.Dir, forceful),
		removeCgroups(s.opt.Cgroups),
	)
}

func killMarked(mark string) error {
	err := proctree.Kill(forceful, func() ([]int, error) { return proctree.Marked(mark) })
	if errors.Is(err, proctree.ErrUnknown) {
		return nil // such a system has no parent-death signal either; roles watch their channel
	}
	return err
}

func (s *Site) kill() { _ = s.was.Kill() } // it may have ended already

func (s *Site) over(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *Site) quoteTail() string {
	if t := s.LogTail(); t != "" {
		return "; its last words:\n" + t
	}
	return ""
}

// Address returns the address of the front, host:port.
func (s *Site) Address() string { return s.address }

// Model returns the hosting model.
func (s *Site) Model() ancmbench.Model { return s.opt.Model }

// Done returns a channel that is closed when the site is over, asked or not, and
// nothing is left of it.
func (s *Site) Done() <-chan struct{} { return s.done }

// Err returns, once Done is closed, why the site is over: nil if Stop ended it. Before
// that it returns nil.
func (s *Site) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// LogTail returns the last lines that the processes wrote to stderr, without secrets
// as far as they can be recognised (redact.Redaction).
func (s *Site) LogTail() string { return s.tail.text() }

// Stop ends the site: gracefully within the limit (Options.Grace) and ctx, else by
// force. It tells the app at once. Requests that come meanwhile get 503, and those that
// have begun are finished. When it returns, nothing is left of the site: no process, no
// port, no cgroup, no copy of the executable. It fails if something could not be
// removed. Further calls wait for the first, each until its own ctx ends.
func (s *Site) Stop(ctx context.Context) error {
	s.mu.Lock()
	s.stopping = true
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, s.grace()+forceful)
	defer cancel()
	go s.control.Call(ctx, opStop, nil, nil) // it answers by ending
	select {
	case <-s.done:
	case <-ctx.Done():
		s.kill()
		<-s.done
	}
	return s.err
}

// grace returns the longest time that an end may take. It reads the configuration
// again, which may have changed.
func (s *Site) grace() time.Duration {
	longest := webconfig.Default().ShutdownTimeLimit
	if c, _, err := s.opt.module(); err == nil {
		longest = max(longest, c.ShutdownTimeLimit)
	}
	for _, a := range s.opt.Apps {
		if c, err := a.config(s.opt.ModuleVersion); err == nil {
			longest = max(longest, c.ShutdownTimeLimit)
		}
	}
	return max(longest, s.opt.Grace)
}
