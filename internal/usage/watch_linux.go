package usage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Watch observes which connections of this machine carry data while targets are loaded. So
// it finds the processes to which a server passes the requests on, and not those that it is
// connected to for others. Make one with NewWatch. It is safe for concurrent use.
type Watch struct {
	mu       sync.Mutex
	spaces   []*diag
	hidden   int // processes whose namespace we may not see
	followed map[int]bool
	held     sockets
	denied   []int // processes whose sockets we may not see

	flows   map[flowID]*flow
	byInode map[uint64]*flow
	pairs   map[netip.AddrPort]map[netip.AddrPort]*flow // by local, then remote
	old     map[uint64]bool                             // sockets that were there before the watch; a list can leave some out
	strange map[uint64]bool                             // sockets that are not TCP connections, nor Unix ones
	trace   map[traceID]*tally[uint64]                  // of connections that have ended
	ended   map[*diag]turnover                          // what there was at the last look
	local   map[uint64]unixSocket                       // Unix sockets by inode
	alive   map[uint64]bool                             // those of the last look
	sights  map[string]*tally[uint64]                   // new connections that followed processes were seen to hold, by the server's name
	sighted map[uint64]bool
	works   map[int]*work
	begun   bool

	last     time.Time       // the last edge
	took     []time.Duration // before each edge
	quiet    time.Duration
	failed   error
	denies   bool // the system does not let us look into a process's socket
	unowned  bool // a socket was seen that no known process holds
	searches int
}

type flowID struct{ space, cookie uint64 }

type traceID struct {
	space         *diag
	local, remote netip.AddrPort
}

// flow is one TCP connection, from one of its ends.
type flow struct {
	space  *diag
	socket tcpSocket
	tally  tally[uint64]
}

// work is the processor time of one process that has a Unix socket.
type work struct {
	last  time.Duration
	tally tally[time.Duration]
}

// tally divides what is counted by the edges at which it was counted.
type tally[T uint64 | time.Duration] struct {
	pending, quiet T
	edges          []edgeCount[T]
}

// edgeCount is what was counted before an edge since the one before; zeros are left out.
type edgeCount[T uint64 | time.Duration] struct {
	edge int
	n    T
}

func (t *tally[T]) close(edge int) {
	switch {
	case t.pending == 0:
	case edge == quietEdge:
		t.quiet += t.pending
	case edge >= 0:
		t.edges = append(t.edges, edgeCount[T]{edge, t.pending})
	}
	t.pending = 0
}

// of returns what was counted before the wanted edges.
func (t *tally[T]) of(own func(edge int) bool) (sum T) {
	for _, e := range t.edges {
		if own(e.edge) {
			sum += e.n
		}
	}
	return sum
}

// quietEdge ends a time without load, and noEdge one that does not count.
const (
	noEdge    = -1
	quietEdge = -2
)

// NewWatch returns a watch that has seen nothing yet. It fails with errors.ErrUnsupported
// where the kernel does not list sockets.
func NewWatch() (*Watch, error) {
	w := &Watch{followed: map[int]bool{}, held: sockets{}, flows: map[flowID]*flow{}, byInode: map[uint64]*flow{},
		pairs: map[netip.AddrPort]map[netip.AddrPort]*flow{}, strange: map[uint64]bool{}, old: map[uint64]bool{}, trace: map[traceID]*tally[uint64]{},
		ended: map[*diag]turnover{}, local: map[uint64]unixSocket{}, sights: map[string]*tally[uint64]{}, sighted: map[uint64]bool{}, works: map[int]*work{}}
	spaces, hidden, err := netspaces()
	if err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	w.hidden = hidden
	for _, space := range spaces {
		d, err := openDiag(space)
		switch {
		case err == nil:
			w.spaces = append(w.spaces, d)
		case space.id == spaces[0].id:
			return nil, fmt.Errorf("watch: %w", err)
		default:
			w.hidden++ // it has ended, or we may not enter it
		}
	}
	return w, nil
}

// Follow adds the processes of a server. Call it before the load.
func (w *Watch) Follow(pids []int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, pid := range pids {
		w.followed[pid] = true
	}
}

// Quiet observes the machine for QuietTime, in which no target may be loaded. It fails if
// ctx ends first.
func (w *Watch) Quiet(ctx context.Context) error {
	w.mu.Lock()
	w.search()
	w.close(noEdge)
	w.mu.Unlock()
	timer := time.NewTimer(QuietTime)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.close(quietEdge)
	return nil
}

// Begin forgets what was counted until now, but not the quiet time, and begins a load.
func (w *Watch) Begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.close(noEdge)
	for _, f := range w.flows {
		f.tally.edges = nil
	}
	for _, p := range w.works {
		p.tally.edges = nil
	}
	for _, t := range w.trace {
		t.edges = nil
	}
	for _, t := range w.sights {
		t.edges = nil
	}
	w.took = nil
}

// Edge counts what has flowed since the edge before. The first edge after Begin is number 0.
func (w *Watch) Edge() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.close(len(w.took))
}

// Sample looks for connections to Unix sockets that live shorter than the time between two
// edges. Those of TCP leave traces.
func (w *Watch) Sample() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lookLocal()
	w.own()
}

// Close closes the watch.
func (w *Watch) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.spaces {
		d.close()
	}
	w.spaces = nil
}

// close looks once more, and books what has flowed since the last edge.
func (w *Watch) close(edge int) {
	w.look(edge == quietEdge || !w.begun)
	if w.unowned && w.searches < mostSearches {
		w.search()
	}
	w.clock()
	for _, f := range w.flows {
		f.tally.close(edge)
	}
	for _, t := range w.trace {
		t.close(edge)
	}
	for _, t := range w.sights {
		t.close(edge)
	}
	for _, p := range w.works {
		p.tally.close(edge)
	}
	now := time.Now()
	switch took := now.Sub(w.last); {
	case edge == quietEdge:
		w.quiet += took
	case edge >= 0:
		w.took = append(w.took, took)
	}
	w.last, w.begun = now, true
}

// mostSearches limits how often the watch looks through all processes of the machine.
const mostSearches = 16

// search finds the holder of every socket of this machine.
func (w *Watch) search() {
	pids, err := processNumbers()
	if err != nil {
		w.keep(err)
		return
	}
	held, denied, err := openSockets(pids)
	w.keep(err)
	for inode, pids := range held {
		w.held[inode] = pids
	}
	w.denied, w.unowned = denied, false
	w.searches++
}

// keep keeps the first failure.
func (w *Watch) keep(err error) {
	if w.failed == nil && err != nil {
		w.failed = err
	}
}

// look reads the connections of the followed processes, and those of the whole machine if
// they have new ones, if some have ended, or if all is true: the kernel takes tens of
// milliseconds for it.
func (w *Watch) look(all bool) {
	w.lookLocal()
	held := w.own()
	for inode := range held {
		_, local := w.local[inode]
		if w.byInode[inode] == nil && !local && !w.strange[inode] {
			all = true
		}
	}
	if !w.traces() && !all {
		for inode := range held {
			if f := w.byInode[inode]; f != nil {
				if now, ok := f.space.refresh(f.socket); ok {
					w.see(f.space, now)
				}
			}
		}
		return
	}
	const unheld = 1<<stateListen | 1<<stateClose
	for _, d := range w.spaces {
		found, err := d.tcp(^uint32(unheld))
		w.keep(err)
		for _, s := range found {
			w.see(d, s)
		}
	}
	for inode := range held {
		_, local := w.local[inode]
		w.strange[inode] = w.byInode[inode] == nil && !local // of another kind, as a listening one
	}
	w.unowned = true
}

// own returns the sockets of the followed processes. Of a new connection of theirs it reads at
// once where it leads, because it may have ended by the time that all are listed.
func (w *Watch) own() sockets {
	held := sockets{}
	for pid := range w.followed {
		open, err := socketsOf(pid)
		if err != nil {
			continue // it has ended, or we may not see it, which search finds out
		}
		for fd, inode := range open {
			held[inode] = append(held[inode], pid)
			if !w.begun {
				w.old[inode] = true
			}
			end, local := w.local[inode]
			if local {
				w.sight(end)
			}
			if w.byInode[inode] != nil || local || w.strange[inode] || w.denies {
				continue
			}
			s, err := borrow(pid, fd)
			switch {
			case errors.Is(err, unix.EPERM), errors.Is(err, unix.ENOSYS):
				w.denies = true
			case err != nil || s.inode != inode: // closed meanwhile
			default:
				if d := w.spaceOf(pid); d != nil {
					w.see(d, s)
				}
			}
		}
	}
	maps.Copy(w.held, held)
	return held
}

// sight counts a client's end of a Unix socket that a followed process holds, once.
func (w *Watch) sight(client unixSocket) {
	server := w.served(client)
	if server.inode == 0 || w.sighted[client.inode] {
		return
	}
	w.sighted[client.inode] = true
	if w.sights[server.name] == nil {
		w.sights[server.name] = &tally[uint64]{}
	}
	if w.begun && !w.old[client.inode] {
		w.sights[server.name].pending++
	}
}

// spaceOf returns the namespace of a process; nil if we have not entered it.
func (w *Watch) spaceOf(pid int) *diag {
	id, err := netspaceOf(pid)
	i := slices.IndexFunc(w.spaces, func(d *diag) bool { return d.space.id == id })
	if err != nil || i < 0 {
		return nil
	}
	return w.spaces[i]
}

// lookLocal reads the Unix sockets of the machine.
func (w *Watch) lookLocal() {
	w.alive = map[uint64]bool{}
	for _, d := range w.spaces {
		found, err := d.unix()
		w.keep(err)
		for _, s := range found {
			if _, old := w.local[s.inode]; !old {
				w.unowned = true
			}
			w.local[s.inode] = s
			w.alive[s.inode] = true
		}
	}
}

// see books what a connection has carried since it was last seen. Of one that has ended it
// books that it was there.
func (w *Watch) see(d *diag, s tcpSocket) {
	if s.state == stateTimeWait {
		id := traceID{d, s.local, s.remote}
		if w.trace[id] == nil {
			w.trace[id] = &tally[uint64]{}
			if w.begun {
				w.trace[id].pending = 1
			}
		}
		return
	}
	id := flowID{d.space.id, s.cookie}
	f := w.flows[id]
	if f == nil {
		f = &flow{space: d}
		w.flows[id] = f
		if w.pairs[s.local] == nil {
			w.pairs[s.local] = map[netip.AddrPort]*flow{}
		}
		w.pairs[s.local][s.remote] = f
		if !w.begun || w.old[s.inode] {
			f.socket.sent = s.sent // what it carried before the watch
		}
	}
	if s.sent > f.socket.sent {
		f.tally.pending += uint64(s.sent - f.socket.sent)
	}
	s.sent = max(s.sent, f.socket.sent)
	if s.inode == 0 {
		s.inode = f.socket.inode
	} else {
		w.byInode[s.inode] = f
	}
	f.socket = s
}

// clock reads the processor time of each process that serves a Unix socket: of every one that
// listens, and of those at the other end of a followed process's connections.
func (w *Watch) clock() {
	for _, s := range w.local {
		serves := s
		switch {
		case s.state == stateListen && s.kind != unix.SOCK_DGRAM && !journal(s.name):
		case slices.ContainsFunc(w.held[s.inode], func(pid int) bool { return w.followed[pid] }):
			serves = w.served(s)
		default:
			continue
		}
		for _, pid := range w.held[serves.inode] {
			if w.works[pid] == nil {
				w.works[pid] = &work{}
				if d, err := processTime(pid); err == nil {
					w.works[pid].last = d
				}
			}
		}
	}
	for pid, p := range w.works {
		if d, err := processTime(pid); err == nil && d > p.last {
			p.tally.pending += d - p.last
			p.last = d
		}
	}
}

// served returns the server's end of a connection, given the client's: the end that is
// bound to a name. It is zero if the given end is not a client's.
func (w *Watch) served(s unixSocket) unixSocket {
	peer, ok := w.local[s.peer]
	if !ok || s.name != "" || peer.name == "" || peer.kind == unix.SOCK_DGRAM || journal(peer.name) {
		return unixSocket{}
	}
	return peer
}

// journal reports whether a socket is the system's journal, to which services write what
// they log: it serves no requests.
func journal(name string) bool {
	const dir = "/run/systemd/journal/"
	return len(name) > len(dir) && name[:len(dir)] == dir
}
