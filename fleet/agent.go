package fleet

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"

	"ancmbench"
	"ancmbench/experiment/targets"
	"ancmbench/loadgen"
)

// AgentOptions say what an agent offers, and what its host allows.
type AgentOptions struct {
	// Join is the URL of the coordinator: nats://host:port.
	Join string
	// Token is the coordinator's; nil if it listens on loopback without one. Credentials
	// is the file with the user's credentials of an external NATS server.
	Token       *Token
	Credentials string
	// Version must be the coordinator's.
	Version string
	// Host is the name of this machine, for people, and Cores its number of cores.
	Host  string
	Cores int
	// Facts describes this machine for the results file; it may be nil.
	Facts func() ancmbench.Host
	// Load offers to send requests, and Serve to start targets.
	Load, Serve bool
	// Targets admits the addresses to which this agent sends; if empty, those of the
	// run's serving agents.
	Targets Allowed
	// Commands lets the run start commands of its own on this host.
	Commands bool
	// ServeAddress is the address of this host at which load agents reach what it
	// serves; empty means the one from which it joins.
	ServeAddress string
	// CPUs and GOMAXPROCS are those of the targets, as in targets.Place; zero means all
	// cores.
	CPUs       []int
	GOMAXPROCS int
	// Start starts targets.
	Start targets.Start
	// Stay keeps the agent after a run, for the next one.
	Stay bool
	// Engine returns a new load engine by its name.
	Engine func(name string, threads int) (loadgen.Engine, error)
	// CPU reads the CPU time of this process, the generator's, and returns where it comes
	// from. If nil, it is not reported.
	CPU func() (time.Duration, string, error)
	// Stolen reads how much processor time the hypervisor has taken of this machine, and how
	// much there was. If nil, it is not watched.
	Stolen func() (stolen, all time.Duration, err error)
	// Say is called with a line of text when what the agent does changes. It may be nil.
	Say func(string)
}

const (
	// joinEvery is how long an agent waits before it tries again to join.
	joinEvery = 300 * time.Millisecond
	// helloMost bounds the coordinator's answer to a hello.
	helloMost = 3 * time.Second
)

// RunAgent joins the coordinator and does what it is asked until the run ends; with Stay
// it then waits for the next one. As long as nobody listens it tries again. It fails if the
// coordinator refuses the agent, is another one than the token's, or is lost during a run.
func RunAgent(ctx context.Context, opt AgentOptions) error {
	for said := ""; ; {
		err := opt.run(ctx)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, errNotThere) || errors.Is(err, errAgain) || err == nil && opt.Stay:
		case opt.Stay && errors.Is(err, errCoordinatorLost):
		default:
			return err
		}
		if text := fmt.Sprintf("waiting for a run at %s%s", shownAddress(opt.Join), opt.why(err)); text != said {
			opt.say(text)
			said = text
		}
		timer := time.NewTimer(joinEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-timer.C:
		}
	}
}

// why returns, for people, why an attempt to join failed although something listens there;
// "" for the usual wait.
func (o *AgentOptions) why(err error) string {
	var network net.Error
	switch {
	case !errors.Is(err, errNotThere), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, nats.ErrNoServers):
		return ""
	case errors.As(err, &network) && network.Timeout() || errors.Is(err, nats.ErrTimeout):
		if o.Token == nil && o.Credentials == "" {
			return ": it does not answer; if the run has a token, this agent needs --token-file"
		}
		return ": it does not answer"
	}
	var op *net.OpError
	if errors.As(err, &op) { // whose text has a port that is another one each time
		err = op.Err
	}
	return fmt.Sprintf(": %v", err)
}

func (o *AgentOptions) say(text string) {
	if o.Say != nil {
		o.Say(text)
	}
}

var (
	// errNotThere is the end of an attempt to join a coordinator that does not listen.
	errNotThere = errors.New("no coordinator listens there")
	// errAgain is the end of a session that was no run.
	errAgain = errors.New("the coordinator only listed its agents")
	// errCoordinatorLost is the end of a session whose coordinator has gone without a word.
	errCoordinatorLost = errors.New("the coordinator was lost")
	// errOver is the end of a session with a word.
	errOver = errors.New("the run is over")
)

// run joins once and carries out one session.
func (o AgentOptions) run(ctx context.Context) error {
	s := o.session()
	nc, err := dial(o.Join, s.id, o.Token, o.Credentials, s.disconnected)
	if err != nil {
		return o.joinFault(err)
	}
	return s.run(ctx, nc)
}

// joinFault tells a coordinator that is not there yet from one that never takes this agent.
func (o *AgentOptions) joinFault(err error) error {
	var verification *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	switch {
	case isAuth(err) && o.Token != nil:
		return fmt.Errorf("the coordinator does not take this token: %w", err)
	case isAuth(err) && o.Credentials == "":
		return fmt.Errorf("the coordinator takes no agent without a token: give --token-file, or --creds for a NATS server of your own: %w", err)
	case isAuth(err), errors.Is(err, nats.ErrPermissionViolation):
		return natsFault(o.Join, err)
	case errors.Is(err, errOtherCertificate):
		return fmt.Errorf("%s: %w", shownAddress(o.Join), errOtherCertificate)
	case errors.As(err, &plain):
		return fmt.Errorf("what listens at %s does not speak TLS: the run was started without --token-file, or it is another program", shownAddress(o.Join))
	case errors.As(err, &verification):
		return natsFault(o.Join, err)
	case errors.Is(err, nats.ErrInvalidConnection):
		return err
	}
	var address *net.AddrError
	if errors.As(err, &address) {
		return err
	}
	return fmt.Errorf("%w: %w", errNotThere, err)
}
