package vegeta

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// dialer opens the connections of one target, some of them before they are
// needed, so that no request of a slice waits for a handshake.
type dialer struct {
	network, address string
	tls              *tls.Config // nil without TLS
	shared           bool        // HTTP/2: requests share a connection
	timeout          time.Duration

	target *target // the target that it connects to

	sent, received atomic.Int64 // bytes since took was called
	opened         atomic.Int64 // connections opened when they were needed
	opening        atomic.Int64 // those of them that are not open yet
	closed         atomic.Int64 // connections that the server closed after it had answered on them

	mu    sync.Mutex
	early []net.Conn
}

// conn counts bytes, and records when the first bytes of a request are written.
type conn struct {
	net.Conn
	dialer *dialer
	shared bool
	early  bool         // opened before it was needed
	uses   atomic.Int32 // requests that it was given to
	hit    atomic.Pointer[hit]
	ended  atomic.Bool   // the server has closed it
	told   atomic.Bool   // that is counted
	took   time.Duration // to open it, with TLS
}

func (c *conn) Write(b []byte) (int, error) {
	if h := c.hit.Swap(nil); h != nil {
		h.wrote()
	}
	n, err := c.Conn.Write(b)
	c.dialer.sent.Add(int64(n))
	return n, err
}

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.dialer.received.Add(int64(n))
	if err == io.EOF {
		c.ended.Store(true)
	}
	return n, err
}

// closedByServer counts once that the server closed the connection.
func (c *conn) closedByServer() {
	if c.told.CompareAndSwap(false, true) {
		c.dialer.closed.Add(1)
	}
}

// connOf returns our connection below TLS, or nil if the connection is not ours.
func connOf(c net.Conn) *conn {
	if l := lineOf(c); l != nil {
		return l.own
	}
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	own, _ := c.(*conn)
	return own
}

// newTransport returns a transport that sends requests unchanged: without proxy,
// compression and redirects, over at most the given connections. at is the target with the
// address to connect to.
func newTransport(at, t ancmbench.Target, config *tls.Config, connections int, timeout time.Duration) (*dialer, *http.Transport, error) {
	d := &dialer{network: "tcp", address: at.Address, timeout: timeout, shared: t.Protocol == "h2" || t.Protocol == "h2c"}
	if t.Network == "unix" {
		d.network = "unix"
	}
	protocols := new(http.Protocols)
	switch t.Protocol {
	case "h2":
		protocols.SetHTTP2(true)
	case "h2c":
		protocols.SetUnencryptedHTTP2(true)
	default:
		protocols.SetHTTP1(true)
	}
	if t.Scheme == "https" {
		var err error
		if d.tls, err = loadgen.TLSConfig(t, config); err != nil {
			return nil, nil, err
		}
	}
	return d, &http.Transport{
		DialContext:         d.dial,
		DialTLSContext:      d.dial,
		TLSClientConfig:     d.tls,
		Protocols:           protocols,
		DisableCompression:  true,
		MaxIdleConnsPerHost: connections,
		MaxConnsPerHost:     connections,

		MaxResponseHeaderBytes: loadgen.MaxHead,
	}, nil
}

// dial returns a connection that was opened early, or opens one. With TLS it includes the
// handshake, so that net/http does not wrap it again.
func (d *dialer) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	d.mu.Lock()
	if n := len(d.early); n > 0 {
		c := d.early[n-1]
		d.early = d.early[:n-1]
		d.mu.Unlock()
		return c, nil
	}
	d.mu.Unlock()
	d.opened.Add(1)
	d.opening.Add(1)
	defer d.opening.Add(-1)
	return d.open(ctx, false)
}

func (d *dialer) open(ctx context.Context, early bool) (net.Conn, error) {
	var nd net.Dialer
	began := time.Now()
	raw, err := nd.DialContext(ctx, d.network, d.address)
	if err != nil {
		return nil, err
	}
	own := &conn{Conn: raw, dialer: d, shared: d.shared, early: early}
	var c net.Conn = own
	if d.tls != nil {
		t := tls.Client(own, d.tls)
		if err := t.HandshakeContext(ctx); err != nil {
			raw.Close()
			return nil, err
		}
		c = t
	}
	own.took = time.Since(began)
	if d.shared {
		return c, nil
	}
	return &line{Conn: c, own: own}, nil
}

// openEarly opens n connections. If one fails, the request that needs it opens it again
// and counts the failure.
func (d *dialer) openEarly(ctx context.Context, n int) {
	if d.shared {
		n = 1
	}
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	const atOnce = 64 // below the usual listen backlog of 128
	slots := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			if c, err := d.open(ctx, true); err == nil {
				d.mu.Lock()
				d.early = append(d.early, c)
				d.mu.Unlock()
			}
		})
	}
	all.Wait()
}

// took returns the bytes sent and received since its last call.
func (d *dialer) took() (sent, received int) {
	return int(d.sent.Swap(0)), int(d.received.Swap(0))
}

// dropEarly closes the connections that were opened early and never used.
func (d *dialer) dropEarly() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.early {
		c.Close()
	}
	d.early = nil
}

// connect opens the connections of all targets.
func (r *run) connect(ctx context.Context) {
	var all sync.WaitGroup
	for _, t := range r.targets {
		all.Go(func() {
			t.conns.openEarly(ctx, r.load.Connections)
			t.conns.took() // do not count the bytes of handshakes
		})
	}
	all.Wait()
}
