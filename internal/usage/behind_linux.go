package usage

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"ancmbench"
)

// mostHops limits how many servers stand behind one another.
const mostHops = 8

// Behind returns the processes to which a target's requests went on, with the role upstream:
// those at the other end of the connections of front that carried data before its own edges,
// in which the target got some requests, those behind them, and so on. It has no processes
// if front passes nothing on. If not all of them can be found, its Missing says why.
//
// alone says that nothing but this target was loaded before its own edges. Connections that
// ended before anybody could see whose they were are then its own.
func (w *Watch) Behind(front Role, own func(edge int) bool, alone bool, requests int64) Role {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.look(true)
	w.search()
	var took, othersTook time.Duration
	for edge, t := range w.took {
		if own(edge) {
			took += t
		} else {
			othersTook += t
		}
	}
	c := &course{Watch: w, own: own, alone: alone, requests: requests, took: took, othersTook: othersTook,
		known: whys{}, front: front.PIDs, missing: map[string]bool{}, ports: map[uint64][]socket{}}
	if w.failed != nil {
		c.missing[w.failed.Error()] = true
	}
	var err error
	if c.family, err = processes(); err != nil {
		c.missing[err.Error()] = true
	}
	for _, pid := range front.PIDs {
		c.known[pid] = ""
	}
	level := front.PIDs
	for range mostHops {
		if level = c.next(level); len(level) == 0 {
			break
		}
	}
	for _, pid := range front.PIDs {
		delete(c.known, pid)
	}
	role := c.known.role(ancmbench.RoleUpstream, c.family)
	w.followAll(role.PIDs)
	role.Missing = strings.Join(slices.Sorted(maps.Keys(c.missing)), "; ")
	return role
}

func (w *Watch) followAll(pids []int) {
	for _, pid := range pids {
		w.followed[pid] = true
	}
}

// course follows the requests of one target from process to process.
type course struct {
	*Watch
	own      func(edge int) bool
	requests int64
	alone    bool
	took     time.Duration // before the own edges
	// othersTook is the time before the other edges.
	othersTook time.Duration
	front      []int
	family     family
	known      whys // the processes found, front included
	missing    map[string]bool
	ports      map[uint64][]socket // what listens in each namespace
}

// next returns the processes to which those of a level passed requests on, without the
// known ones, and adds them to the known.
func (c *course) next(level []int) []int {
	var found []int
	add := func(more whys) {
		for _, pid := range more.pids() {
			if _, known := c.known[pid]; !known && pid != os.Getpid() {
				c.known[pid] = more[pid]
				found = append(found, pid)
			}
		}
	}
	for _, s := range c.judged(level) {
		more, err := c.behind(s)
		if err != nil {
			c.missing[err.Error()] = true
			continue
		}
		add(more)
	}
	for _, s := range c.localPeers(level) {
		more, err := c.behindLocal(s)
		if err != nil {
			c.missing[err.Error()] = true
			continue
		}
		add(more)
	}
	return found
}

// judged returns the streams of a level that carried the measured requests. It notes where
// that cannot be said, unless others carried all requests already.
func (c *course) judged(level []int) []*stream {
	streams := c.streams(level)
	unseen := c.withEnded(streams)
	var out, doubtful []*stream
	var count uint64
	for _, s := range streams {
		if c.late(s) {
			continue
		}
		switch carried(s.count, c.took, s.quiet, c.quiet, c.requests) {
		case reached:
			out = append(out, s)
			count += s.count
		case unclear:
			doubtful = append(doubtful, s)
		}
	}
	const most = 0.8
	if float64(count) >= most*float64(c.requests) {
		return out
	}
	for _, s := range doubtful {
		c.missing[fmt.Sprintf("others ask the server at %s so often that it cannot be seen whether the measured requests reach it", shownAddress(s.to))] = true
	}
	if c.alone && slices.Equal(level, c.front) {
		out = append(out, c.unseen(unseen)...)
	}
	return out
}

// unseen returns the stream of ended connections that is the front's, although nobody saw
// who opened them: the only one with as many as there were requests, and that did not flow as
// much while others were loaded. It notes it if such a stream may be anybody's.
func (c *course) unseen(streams []*stream) []*stream {
	const low, high = 0.8, 1.2
	streams = slices.DeleteFunc(streams, func(s *stream) bool {
		n := float64(s.count)
		return n < low*float64(c.requests) || n > high*float64(c.requests) || c.late(s) || c.fronts(s) ||
			carried(s.count, c.took, s.quiet, c.quiet, c.requests) != reached
	})
	const most = 0.5
	if len(streams) == 1 && (c.othersTook == 0 ||
		float64(streams[0].others)/c.othersTook.Seconds() < most*float64(streams[0].count)/c.took.Seconds()) {
		return streams
	}
	for _, s := range streams {
		c.missing[fmt.Sprintf("about as many connections to %s ended as there were requests, and nobody saw who opened them", shownAddress(s.to))] = true
	}
	return nil
}

// fronts reports whether a stream leads to the front: the requests themselves.
func (c *course) fronts(s *stream) bool {
	return slices.ContainsFunc(serving(c.listeners(s.space.space), s.to), func(l socket) bool {
		return slices.ContainsFunc(c.held[l.id], func(pid int) bool { return slices.Contains(c.front, pid) })
	})
}

// stream is what flowed to one address.
type stream struct {
	space        *diag
	to           netip.AddrPort
	client       int // one of the processes that sent it
	flows        []*flow
	count, quiet uint64
	others       uint64 // what flowed before the edges of others
	brief        uint64 // how many connections did
}

// streams returns what the processes sent on connections that they opened, by address.
func (c *course) streams(level []int) []*stream {
	byTo := map[flowID]map[netip.AddrPort]*stream{}
	var out []*stream
	for _, f := range c.flows {
		i := slices.IndexFunc(c.held[f.socket.inode], func(pid int) bool { return slices.Contains(level, pid) })
		if i < 0 || c.accepted(f) {
			continue
		}
		id := flowID{space: f.space.space.id}
		if byTo[id] == nil {
			byTo[id] = map[netip.AddrPort]*stream{}
		}
		s := byTo[id][f.socket.remote]
		if s == nil {
			s = &stream{space: f.space, to: f.socket.remote, client: c.held[f.socket.inode][i]}
			byTo[id][f.socket.remote] = s
			out = append(out, s)
		}
		s.flows = append(s.flows, f)
		n := f.tally.of(c.own)
		s.count += n
		s.quiet += f.tally.quiet
		s.others += f.tally.of(c.another)
		if n > 0 {
			s.brief++
		}
	}
	slices.SortFunc(out, func(a, b *stream) int {
		return cmp.Or(cmp.Compare(a.space.space.id, b.space.space.id), a.to.Compare(b.to))
	})
	return out
}

// ended returns what flowed on connections that ended before anybody could see whose they
// were, by the address that they led to.
func (c *course) ended() map[*diag]map[netip.AddrPort]*stream {
	byTo := map[*diag]map[netip.AddrPort]*stream{}
	for id, t := range c.trace {
		if f := c.pairs[id.local][id.remote]; f != nil && len(c.held[f.socket.inode]) > 0 {
			continue // counted by what it carried
		}
		to := id.remote
		if all := c.listeners(id.space.space); len(serving(all, to)) == 0 {
			if to = id.local; len(serving(all, to)) == 0 {
				continue
			}
		}
		if byTo[id.space] == nil {
			byTo[id.space] = map[netip.AddrPort]*stream{}
		}
		s := byTo[id.space][to]
		if s == nil {
			s = &stream{space: id.space, to: to, client: c.front[0]}
			byTo[id.space][to] = s
		}
		n := t.of(c.own)
		s.count += n
		s.quiet += t.quiet
		s.others += t.of(c.another)
		s.brief += n
	}
	return byTo
}

// another is the opposite of own.
func (c *course) another(edge int) bool { return !c.own(edge) }

// late reports whether a stream of many short connections is what is left of the others'
// time: a connection ends, and is seen, a moment after its answer.
func (c *course) late(s *stream) bool {
	const most = 3 // pieces on a connection that is opened for one request
	return c.othersTook > 0 && s.count <= most*s.brief &&
		float64(s.count)/c.took.Seconds() < trailing*float64(s.others)/c.othersTook.Seconds()
}

// withEnded adds the ended connections to the streams to the same address: to which their
// processes were seen to open connections. It returns the other ones.
func (c *course) withEnded(streams []*stream) (unseen []*stream) {
	byTo := c.ended()
	for _, s := range streams {
		if more := byTo[s.space][s.to]; more != nil {
			s.count += more.count
			s.quiet += more.quiet
			s.others += more.others
			s.brief += more.brief
			delete(byTo[s.space], s.to)
		}
	}
	for _, some := range byTo {
		unseen = slices.AppendSeq(unseen, maps.Values(some))
	}
	return unseen
}

// accepted reports whether the connection was opened by the other end: something listens at
// this end's address.
func (c *course) accepted(f *flow) bool {
	return len(serving(c.listeners(f.space.space), f.socket.local)) > 0
}

// listeners returns what listens in a namespace.
func (c *course) listeners(space netspace) []socket {
	all, known := c.ports[space.id]
	if !known {
		all, _ = space.listening() // an empty list if its last process has ended
		c.ports[space.id] = all
	}
	return all
}

// behind returns the processes at the other end of a stream. It fails if they cannot be
// found.
func (c *course) behind(s *stream) (whys, error) {
	why := fmt.Sprintf("the connection of %s to %s carried the measured requests", processName(s.client), shownAddress(s.to))
	cannot := func(because string) error {
		return fmt.Errorf("requests went on to %s, and %s", shownAddress(s.to), because)
	}
	found := whys{}
	var others []int // at the other end, by the connections
	for _, f := range s.flows {
		if far := c.pairs[f.socket.remote][f.socket.local]; far != nil && far.socket.inode != 0 {
			others = append(others, c.held[far.socket.inode]...)
		}
	}
	others = slices.DeleteFunc(others, func(pid int) bool { return slices.Contains(c.front, pid) })
	for _, space := range c.holding(s) {
		var inodes []uint64
		for _, l := range serving(c.listeners(space), s.to) {
			inodes = append(inodes, l.id)
		}
		if len(inodes) == 0 {
			continue
		}
		more, err := listening{inodes, why}.among(c.held, c.denied, c.family)
		if err != nil && len(others) == 0 {
			return nil, cannot(err.Error())
		}
		maps.Copy(found, more)
		break
	}
	for pid, reason := range c.family.servers(others, why) {
		if _, known := found[pid]; !known {
			found[pid] = reason
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	if s.to.Addr().IsLoopback() || s.space.space.has(s.to.Addr()) {
		return nil, cannot("the process that serves it cannot be found")
	}
	if c.hidden > 0 {
		return nil, cannot("no machine or network namespace that can be seen from here has its process")
	}
	return nil, cannot("it is not on this machine")
}

// holding returns the namespaces in which an address of a stream may be served: that of the
// client, and then those that have the address.
func (c *course) holding(s *stream) []netspace {
	var out []netspace
	if s.space.space.has(s.to.Addr()) {
		out = append(out, s.space.space)
	}
	if s.to.Addr().IsLoopback() {
		return out
	}
	for _, d := range c.spaces {
		if d != s.space && d.space.has(s.to.Addr()) {
			out = append(out, d.space)
		}
	}
	return out
}

// localPeer is a server at a Unix socket.
type localPeer struct {
	name   string
	client int
	peers  []uint64 // inodes of the server's ends
}

// localPeers returns the servers at Unix sockets to which the processes are connected, and
// which worked while the target was loaded.
func (c *course) localPeers(level []int) []localPeer {
	byName := map[string]*localPeer{}
	for _, s := range c.local {
		i := slices.IndexFunc(c.held[s.inode], func(pid int) bool { return slices.Contains(level, pid) })
		peer := c.served(s)
		if i < 0 || peer.inode == 0 || !c.alive[s.inode] && !c.sightedFor(peer.name) {
			continue
		}
		p := byName[peer.name]
		if p == nil {
			p = &localPeer{name: peer.name, client: c.held[s.inode][i]}
			byName[peer.name] = p
		}
		p.peers = append(p.peers, peer.inode)
	}
	var out []localPeer
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		p := byName[name]
		if !c.opened(name) {
			continue
		}
		owners := c.held.holders(append(slices.Clone(p.peers), c.boundAs(name)...))
		var used, others, quiet time.Duration
		for _, pid := range owners {
			if k := c.works[pid]; k != nil {
				used += k.tally.of(c.own)
				others += k.tally.of(c.another)
				quiet += k.tally.quiet
			}
		}
		if len(owners) == 0 && len(p.peers) > 0 || worked(used, c.took, others, c.othersTook, quiet, c.quiet, c.requests) {
			out = append(out, *p)
		}
	}
	return out
}

// everyEdge stands for a whole load.
func everyEdge(int) bool { return true }

// sightedFor reports whether connections to a Unix socket were opened during the load.
func (c *course) sightedFor(name string) bool {
	t := c.sights[name]
	return t != nil && t.of(everyEdge) > 0
}

// opened reports whether connections to a Unix socket could be the target's. If some were
// opened during the load, that must have been in its own time as often as in the others'.
func (c *course) opened(name string) bool {
	if !c.sightedFor(name) || c.othersTook == 0 {
		return true
	}
	own, all := c.sights[name].of(c.own), c.sights[name].of(everyEdge)
	return float64(own)/c.took.Seconds() >= trailing*float64(all-own)/c.othersTook.Seconds()
}

// behindLocal returns the processes of a server at a Unix socket. It fails if they cannot
// be found.
func (c *course) behindLocal(p localPeer) (whys, error) {
	why := fmt.Sprintf("the connection of %s to its Unix socket carried the measured requests", processName(p.client))
	inodes := append(slices.Clone(p.peers), c.boundAs(p.name)...)
	found, err := listening{inodes, why}.among(c.held, c.denied, c.family)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, fmt.Errorf("requests may have gone on to a Unix socket, and %s", err)
	}
	return found, err
}

// boundAs returns the sockets that listen under a name.
func (c *course) boundAs(name string) []uint64 {
	var out []uint64
	for _, s := range c.local {
		if s.state == stateListen && s.name == name {
			out = append(out, s.inode)
		}
	}
	return out
}
