package usage

import (
	"bytes"
	"os"
	"slices"
	"strconv"
)

// traces reports whether connections have ended since it was last called: each leaves a
// trace for a minute. Where as many traces go as come their number says nothing, so
// connections that were opened count as well.
func (w *Watch) traces() bool {
	grown := false
	for _, d := range w.spaces {
		dir := "/proc/" + strconv.Itoa(d.space.pid) + "/net/"
		sockstat, err := os.ReadFile(dir + "sockstat")
		snmp, e := os.ReadFile(dir + "snmp")
		if err != nil || e != nil {
			continue // its last process has ended
		}
		now := turnover{traces: waiting(sockstat), opens: activeOpens(snmp)}
		was := w.ended[d]
		grown = grown || now.traces > was.traces || now.opens != was.opens
		w.ended[d] = now
	}
	return grown
}

// turnover says how many connections of a namespace there were.
type turnover struct {
	traces int    // ended ones, in the state TIME_WAIT
	opens  uint64 // opened since the machine's start
}

// waiting returns the number of connections in the state TIME_WAIT, from /proc/net/sockstat:
// "TCP: inuse 5 orphan 0 tw 12 alloc 7 mem 1"; 0 if it is not there.
func waiting(sockstat []byte) int {
	for line := range bytes.Lines(sockstat) {
		f := bytes.Fields(line)
		for i := 1; i+1 < len(f) && string(f[0]) == "TCP:"; i += 2 {
			if n, ok := decimal(f[i+1]); ok && string(f[i]) == "tw" {
				return int(n)
			}
		}
	}
	return 0
}

// activeOpens returns how many connections were opened from here, from /proc/net/snmp, whose
// lines are in pairs: "Tcp: RtoAlgorithm … ActiveOpens …" and "Tcp: 1 … 4711 …" (RFC 4022,
// tcpActiveOpens); 0 if it is not there.
func activeOpens(snmp []byte) uint64 {
	var names [][]byte
	for line := range bytes.Lines(snmp) {
		f := bytes.Fields(line)
		if len(f) == 0 || string(f[0]) != "Tcp:" {
			continue
		}
		if names == nil {
			names = f
			continue
		}
		i := slices.IndexFunc(names, func(name []byte) bool { return string(name) == "ActiveOpens" })
		if i < 0 || i >= len(f) {
			return 0
		}
		n, _ := decimal(f[i])
		return n
	}
	return 0
}
