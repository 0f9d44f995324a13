package fleet

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// coordinatorID is the From of the coordinator.
const coordinatorID = "coordinator"

const (
	// busMost bounds the start of the server, a connection and its authentication: they
	// take milliseconds on a network on which one can measure.
	busMost = 5 * time.Second
	// flushMost bounds the sending of the last words of an ending link.
	flushMost = 500 * time.Millisecond
)

// BusOptions say how agents reach the coordinator.
type BusOptions struct {
	// Listen is the address that agents dial, host:port; empty opens no port, and only
	// agents of this process can join.
	Listen string
	// Token lets agents join. It may be nil only if Listen is empty or on loopback.
	Token *Token
	// NATS is the URL of a NATS server that is used instead of an embedded one, and
	// Credentials its file with the user's credentials.
	NATS, Credentials string
}

// bus is the NATS server that coordinator and agents talk over.
type bus struct {
	opt    BusOptions
	server *server.Server // nil if it is an external one
	own    string         // the password of connections of this process
	// refused is called with the address of whoever has another token; it may be nil.
	refused func(address string)
}

// openBus starts the embedded server, or prepares to use an external one. It fails if the
// address cannot be used, or would let anybody in.
func openBus(opt BusOptions, refused func(string)) (*bus, error) {
	b := &bus{opt: opt, own: rand.Text(), refused: refused}
	if opt.NATS != "" {
		return b, nil
	}
	o := &server.Options{ServerName: "ancmbench", DontListen: true, NoSigs: true, NoLog: true, NoSystemAccount: true,
		MaxPayload: 1 << 20, MaxControlLine: 4096, MaxConn: 1024, MaxSubs: 64,
		PingInterval: time.Second, MaxPingsOut: 3, WriteDeadline: 2 * time.Second,
		AuthTimeout: busMost.Seconds(), CustomClientAuthentication: b}
	if opt.Listen == "" {
		o.PingInterval = 2 * time.Minute // nobody can be cut off
	} else if err := b.listen(o); err != nil {
		return nil, err
	}
	if opt.Listen != "" { // the server itself would end the process if the port is taken
		l, err := net.Listen("tcp", opt.Listen)
		if err != nil {
			return nil, fmt.Errorf("agents cannot join at %s: %w", opt.Listen, err)
		}
		l.Close() // a free port is chosen by the server, because this one may be taken by now
	}
	s, err := server.NewServer(o)
	if err != nil {
		return nil, err
	}
	b.server = s
	s.Start()
	if !s.ReadyForConnections(busMost) {
		s.Shutdown()
		return nil, fmt.Errorf("agents cannot join at %s: the port does not open", opt.Listen)
	}
	return b, nil
}

// listen lets the server listen. Without a token that is for loopback only.
func (b *bus) listen(o *server.Options) error {
	host, port, err := net.SplitHostPort(b.opt.Listen)
	if err != nil {
		return fmt.Errorf("address %s to listen at: want host:port", b.opt.Listen)
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return fmt.Errorf("address %s to listen at: want host:port, and the port in numbers", b.opt.Listen)
	}
	if b.opt.Token == nil && !onLoopback(host) {
		return fmt.Errorf("address %s to listen at: without a token only a numeric loopback address is possible: anybody who reaches it could join", b.opt.Listen)
	}
	o.DontListen, o.Host, o.Port = false, host, int(number)
	if o.Port == 0 {
		o.Port = server.RANDOM_PORT
	}
	if b.opt.Token != nil {
		// Handshake first: nothing is sent before the agent knows the certificate.
		o.TLSConfig, o.TLSHandshakeFirst, o.TLSTimeout = b.opt.Token.serverTLS(), true, busMost.Seconds()
	}
	return nil
}

func onLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// Check implements server.Authentication: it lets in connections of this process, and
// agents with the token. An agent may only speak to the coordinator and hear what is for all or
// for itself, so that none can give orders to another or read them.
func (b *bus) Check(c server.ClientAuthentication) bool {
	opts := c.GetOpts()
	if subtle.ConstantTimeCompare([]byte(opts.Password), []byte(b.own)) == 1 {
		return true
	}
	if b.opt.Token == nil && b.opt.Listen == "" || b.opt.Token != nil && !b.opt.Token.admits(opts.Token) {
		if at := c.RemoteAddress(); at != nil && b.refused != nil {
			b.refused(at.String())
		}
		return false
	}
	hears := []string{toAll}
	if idPattern.MatchString(opts.Name) { // else it would be a pattern of subjects
		hears = append(hears, toAgent+opts.Name)
	}
	c.RegisterUser(&server.User{Username: "agent", Permissions: &server.Permissions{
		Publish:   &server.SubjectPermission{Allow: []string{toCoordinator}},
		Subscribe: &server.SubjectPermission{Allow: hears},
	}})
	return true
}

// address returns where the embedded server listens; empty if it opens no port.
func (b *bus) address() string {
	if b.server == nil || b.opt.Listen == "" {
		return ""
	}
	return b.server.Addr().String()
}

// connect returns a connection of this process to the bus. ended is called when it ends.
func (b *bus) connect(ended func(error)) (*nats.Conn, error) {
	if b.server == nil {
		nc, err := dial(b.opt.NATS, coordinatorID, b.opt.Token, b.opt.Credentials, ended)
		if err != nil {
			return nil, natsFault(b.opt.NATS, err)
		}
		other, err := another(nc, newID())
		if err == nil && other {
			err = errors.New("another run uses it: wait for its end, or give this one an account of its own")
		}
		if err != nil {
			nc.SetClosedHandler(nil) // nobody has the connection yet, to whom its end could be news
			nc.Close()
			return nil, natsFault(b.opt.NATS, err)
		}
		return nc, nil
	}
	return nats.Connect("nats://in-process", append(plainOptions(ended), nats.PingInterval(2*time.Minute), nats.InProcessServer(b.server), nats.UserInfo("own", b.own))...)
}

// close ends the embedded server.
func (b *bus) close() {
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
	}
}

// dial connects the peer with this id to a bus of another process.
func dial(url, id string, token *Token, credentials string, ended func(error)) (*nats.Conn, error) {
	// A cut network blocks a write: the silence is noticed all the same.
	options := append(plainOptions(ended), nats.Name(id), nats.FlusherTimeout(agentPatience))
	switch {
	case credentials != "":
		options = append(options, nats.UserCredentials(credentials))
	case token != nil:
		options = append(options, nats.Secure(token.clientTLS()), nats.TLSHandshakeFirst(), nats.Token(token.word()))
	}
	return nats.Connect(url, options...)
}

// plainOptions are those of every connection. None reconnects by itself: an agent that was
// cut off has lost its trial, and joins anew.
func plainOptions(ended func(error)) []nats.Option {
	return []nats.Option{nats.NoReconnect(), nats.Timeout(busMost), nats.PingInterval(time.Second), nats.MaxPingsOutstanding(3),
		nats.NoEcho(), nats.ClosedHandler(func(c *nats.Conn) {
			err := c.LastError()
			if err == nil {
				err = errLinkEnded
			}
			ended(err)
		}),
		nats.ErrorHandler(func(c *nats.Conn, _ *nats.Subscription, err error) {
			// After a loss of messages answers would be waited for that never come.
			if errors.Is(err, nats.ErrPermissionViolation) || errors.Is(err, nats.ErrSlowConsumer) {
				ended(err)
			}
		})}
}
