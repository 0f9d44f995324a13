package usage

import (
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	// Field 2 may hold anything that a program calls itself.
	const tail = " S 41 7 7 0 -1 4194560 100 0 0 0 123 45 6 7 20 0 9 0 987654 1000 200 18446744073709551615 0"
	for _, command := range []string{"(sh)", "(a b)", "(x) R 1 (y)", "(line\nbreak)", "())"} {
		got, err := parseStat([]byte("1234 " + command + tail))
		want := procStat{name: command[1 : len(command)-1], parent: 41, user: 1230 * time.Millisecond, system: 450 * time.Millisecond, start: 987654,
			children: UserSystem{User: 60 * time.Millisecond, System: 70 * time.Millisecond}}
		if err != nil || got != want {
			t.Errorf("%q: got %+v, %v; want %+v", command, got, err, want)
		}
	}
	for _, bad := range []string{"", "1 sh S", "1 )(", "1 (sh)", "1 (sh) S 1 2", "1 (sh)" + tail[:40] + " x"} {
		if got, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q: got %+v, want an error", bad, got)
		}
	}
}

func TestParseSchedstat(t *testing.T) {
	got, err := parseSchedstat([]byte("2000000 3000 17\n"))
	if want := (schedstat{ran: 2 * time.Millisecond, waited: 3 * time.Microsecond}); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	for _, bad := range []string{"", "1 2", "1 2 3 4", "a 2 3", "1 -2 3"} {
		if _, err := parseSchedstat([]byte(bad)); err == nil {
			t.Errorf("%q: want an error", bad)
		}
	}
}

func TestStatMicros(t *testing.T) {
	const text = "usage_usec 105464052\nuser_usec 77490139\nsystem_usec 27973913\nnice_usec 0\n"
	for key, want := range map[string]time.Duration{
		"usage_usec": 105464052 * time.Microsecond, "system_usec": 27973913 * time.Microsecond, "nice_usec": 0,
	} {
		if got, err := statMicros([]byte(text), key); err != nil || got != want {
			t.Errorf("%s: got %v, %v; want %v", key, got, err, want)
		}
	}
	for _, bad := range []string{"", "usage_usec", "usage_usec \n", "usage_usec x\n", "usage_usec_total 5\n", "xusage_usec 5\n", "usage_usec 9223372036854775807\n"} {
		if got, err := statMicros([]byte(bad), "usage_usec"); err == nil {
			t.Errorf("%q: got %v, want an error", bad, got)
		}
	}
	if got, err := statMicros([]byte("usage_usec 5"), "usage_usec"); err != nil || got != 5*time.Microsecond {
		t.Errorf("without a last newline: got %v, %v", got, err)
	}
}

func TestKilobytes(t *testing.T) {
	const text = "Rss:                1672 kB\nPss:                 326 kB\nPss_Dirty:           112 kB\n"
	if got, ok := kilobytes([]byte(text), "Pss:"); !ok || got != 326<<10 {
		t.Errorf("got %d, %v; want %d", got, ok, 326<<10)
	}
	for _, bad := range []string{"", "Pss: 3\n", "Pss: 3 MB\n", "Pss: -3 kB\n", "Pss: 99999999999999999999 kB\n"} {
		if got, ok := kilobytes([]byte(bad), "Pss:"); ok {
			t.Errorf("%q: got %d, want none", bad, got)
		}
	}
}

func TestParseSwitches(t *testing.T) {
	s, err := parseSwitches([]byte("Name:\tx\nvoluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n"))
	if err != nil || s.Voluntary != 12 || s.Involuntary != 3 {
		t.Errorf("got %+v, %v", s, err)
	}
	for _, bad := range []string{"", "voluntary_ctxt_switches:\t12\n", "voluntary_ctxt_switches:\tx\nnonvoluntary_ctxt_switches:\t3\n"} {
		if s, err := parseSwitches([]byte(bad)); err == nil {
			t.Errorf("%q: got %+v, want an error", bad, s)
		}
	}
}

const (
	tcpTable = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 5551 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 5552 1 0000000000000000 20 4 30 10 -1
   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5553 1 0000000000000000 100 0 0 10 0
`
	tcp6Table = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5554 1 0000000000000000 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:1F91 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5555 1 0000000000000000 100 0 0 10 0
`
)

func TestParseSockets(t *testing.T) {
	if !littleEndian() {
		t.Skip("the tables are of a little-endian machine")
	}
	for text, want := range map[string][]socket{
		tcpTable:  {{netip.MustParseAddrPort("127.0.0.1:8080"), 5551}, {netip.MustParseAddrPort("0.0.0.0:80"), 5553}},
		tcp6Table: {{netip.MustParseAddrPort("[::1]:8080"), 5554}, {netip.MustParseAddrPort("[::ffff:127.0.0.1]:8081"), 5555}},
		"":        nil,
	} {
		got, err := parseSockets([]byte(text))
		if err != nil || len(got) != len(want) {
			t.Fatalf("got %v, %v; want %v", got, err, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("got %v, want %v", got[i], want[i])
			}
		}
	}
	for _, bad := range []string{"head\n0: 0100007F:1F90 x 0A\n", "head\n0: 0100007F r 0A a b c d e 1\n", "head\n0: 01007F:1F90 r 0A a b c d e 1\n",
		"head\n0: 0100007F:11F90 r 0A a b c d e 1\n", "head\n0: 0100007F:1F90 r 0A a b c d e x\n"} {
		if got, err := parseSockets([]byte(bad)); err == nil {
			t.Errorf("%q: got %v, want an error", bad, got)
		}
	}
}

// TestWithMasters: a master of root's is found through its workers, a shell or
// a service manager above them is not.
func TestWithMasters(t *testing.T) {
	f := family{1: 0, 10: 1, 11: 10, 12: 10, 20: 1, 21: 20}
	names := map[int]string{1: "init", 10: "nginx", 11: "nginx", 12: "nginx", 20: "sh", 21: "node"}
	name := func(pid int) string { return names[pid] }
	for _, tt := range []struct{ holders, denied, want []int }{
		{[]int{11, 12}, []int{1, 10}, []int{10}},
		{[]int{11, 12}, []int{1}, nil},
		{[]int{10, 11, 12}, []int{1}, nil},
		{[]int{21}, []int{1, 20}, nil},
		{nil, []int{1, 10}, nil},
	} {
		if got := withMasters(tt.holders, tt.denied, f, name); !slices.Equal(got, tt.want) {
			t.Errorf("%v held, %v denied: got %v, want %v", tt.holders, tt.denied, got, tt.want)
		}
	}
}

func littleEndian() bool {
	a, err := parseHexAddr("0100007F:0001")
	return err == nil && a.Addr().IsLoopback()
}

// FuzzProcTexts: whatever a kernel writes, parsers answer and do not panic, and
// what they take is in range.
func FuzzProcTexts(f *testing.F) {
	f.Add([]byte("1 (sh) S 41 7 7 0 -1 0 1 0 0 0 123 45 6 7 20 0 9 0 98 1000 200"))
	f.Add([]byte("2000000 3000 17\n"))
	f.Add([]byte("usage_usec 105464052\nuser_usec 77490139\n"))
	f.Add([]byte(tcpTable))
	f.Add([]byte(tcp6Table))
	f.Add([]byte("voluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n"))
	f.Add([]byte("Pss:   326 kB\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if s, err := parseStat(text); err == nil && (s.user < 0 || s.system < 0 || s.parent < 0) {
			t.Errorf("stat out of range: %+v", s)
		}
		if s, err := parseSchedstat(text); err == nil && (s.ran < 0 || s.waited < 0) {
			t.Errorf("schedstat out of range: %+v", s)
		}
		if d, err := statMicros(text, "usage_usec"); err == nil && d < 0 {
			t.Errorf("cpu.stat out of range: %v", d)
		}
		if s, err := parseSwitches(text); err == nil && (s.Voluntary < 0 || s.Involuntary < 0) {
			t.Errorf("switches out of range: %+v", s)
		}
		if n, ok := kilobytes(text, "Pss:"); ok && n < 0 {
			t.Errorf("memory out of range: %d", n)
		}
		if sockets, err := parseSockets(text); err == nil {
			for _, s := range sockets {
				if !s.local.IsValid() {
					t.Errorf("socket without an address: %v", s)
				}
			}
		}
		if n, ok := decimal(text); ok {
			if want, err := strconv.ParseUint(string(text), 10, 64); err != nil || want != n {
				t.Errorf("decimal(%q) = %d, want %d, %v", text, n, want, err)
			}
		}
	})
}

func TestParseTurnover(t *testing.T) {
	snmp := "Ip: Forwarding DefaultTTL\nIp: 1 64\nTcp: RtoAlgorithm MaxConn ActiveOpens PassiveOpens\nTcp: 1 -1 4711 12\nUdp: InDatagrams\nUdp: 5\n"
	for text, want := range map[string]uint64{snmp: 4711, "": 0, "Tcp: ActiveOpens\n": 0, "Tcp: RtoMin\nTcp: 7\n": 0, "Tcp: RtoMin ActiveOpens\nTcp: 7\n": 0} {
		if got := activeOpens([]byte(text)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
	for text, want := range map[string]int{"sockets: used 5\nTCP: inuse 5 orphan 0 tw 12 alloc 7 mem 1\n": 12, "": 0, "TCP: inuse 5\n": 0} {
		if got := waiting([]byte(text)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
