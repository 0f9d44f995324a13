package usage

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"ancmbench"
)

func TestParseListen(t *testing.T) {
	for in, want := range map[string]netip.AddrPort{
		"127.0.0.1:80":          netip.MustParseAddrPort("127.0.0.1:80"),
		"[::1]:8080":            netip.MustParseAddrPort("[::1]:8080"),
		"[::ffff:127.0.0.1]:81": netip.MustParseAddrPort("127.0.0.1:81"),
		"localhost:5000":        netip.AddrPortFrom(netip.Addr{}, 5000),
		":5000":                 netip.AddrPortFrom(netip.Addr{}, 5000),
	} {
		if got, err := parseListen(in); err != nil || got != want {
			t.Errorf("%q: got %v, %v; want %v", in, got, err, want)
		}
	}
	for _, bad := range []string{"", "80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:http", "example.org:80"} {
		if got, err := parseListen(bad); err == nil {
			t.Errorf("%q: got %v, want an error", bad, got)
		}
	}
}

func TestServing(t *testing.T) {
	sockets := []socket{
		{netip.MustParseAddrPort("0.0.0.0:80"), 1},
		{netip.MustParseAddrPort("[::]:80"), 2},
		{netip.MustParseAddrPort("127.0.0.1:80"), 3},
		{netip.MustParseAddrPort("127.0.0.1:81"), 4},
		{netip.MustParseAddrPort("[::]:82"), 5},
		{netip.MustParseAddrPort("0.0.0.0:83"), 6},
		{netip.MustParseAddrPort("[::ffff:127.0.0.1]:84"), 7},
		{netip.MustParseAddrPort("[::1]:85"), 8},
		{netip.MustParseAddrPort("192.0.2.7:86"), 9},
	}
	for addr, want := range map[string][]uint64{
		"127.0.0.1:80": {3}, "127.0.0.2:80": {1, 2}, "[::1]:80": {2}, "localhost:80": {3},
		"127.0.0.1:81": {4}, "127.0.0.2:81": nil,
		"127.0.0.1:82": {5}, "127.0.0.1:83": {6}, "[::1]:83": nil, "localhost:83": {6},
		"127.0.0.1:84": {7}, "localhost:85": {8}, "127.0.0.1:85": nil,
		"localhost:86": nil, "192.0.2.7:86": {9}, "localhost:87": nil,
	} {
		a, err := parseListen(addr)
		if err != nil {
			t.Fatal(err)
		}
		var got []uint64
		for _, s := range serving(sockets, a) {
			got = append(got, s.id)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", addr, got, want)
		}
	}
}

func TestFamily(t *testing.T) {
	// 1 -> 10 (nginx master) -> 11, 12 ; 1 -> 20 -> 21 -> 22; 30 is its own parent.
	f := family{1: 0, 10: 1, 11: 10, 12: 10, 20: 1, 21: 20, 22: 21, 30: 30}
	for _, tt := range []struct {
		name          string
		holders, want []int
	}{
		{"a master and its workers", []int{10, 11, 12}, []int{10, 11, 12}},
		{"the master alone holds it", []int{10}, []int{10, 11, 12}},
		{"a worker alone", []int{12}, []int{12}},
		{"grandchildren", []int{20}, []int{20, 21, 22}},
		{"a loop ends", []int{30}, []int{30}},
		{"socket activation", []int{1, 21}, []int{21, 22}},
		{"process 1 is not the whole machine", []int{1}, []int{1}},
	} {
		before := slices.Clone(tt.holders)
		if got := f.servers(tt.holders, "listens").pids(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
		if !slices.Equal(before, tt.holders) {
			t.Errorf("%s: the caller's slice was changed", tt.name)
		}
	}
}

func TestFindServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	r, err := FindServer("tcp", addr)
	if err != nil || !slices.Contains(r.PIDs, os.Getpid()) || r.Name != ancmbench.RoleServer {
		t.Errorf("%s: got %+v, %v; want to find ourselves, %d", addr, r, err, os.Getpid())
	}
	i := slices.IndexFunc(r.Describe(), func(p ancmbench.Process) bool { return p.PID == os.Getpid() })
	if i < 0 {
		t.Fatalf("we are not among %+v", r.Describe())
	}
	if p := r.Describe()[i]; !strings.HasPrefix(p.Name, "usage.test") || p.Role != ancmbench.RoleServer ||
		runtime.GOOS == "linux" && p.Why != "listens on "+addr {
		t.Errorf("described as %+v", p)
	}
	l.Close()
	if r, err := FindServer("tcp", addr); !errors.Is(err, ErrNoListener) {
		t.Errorf("after closing: got %+v, %v; want %v", r, err, ErrNoListener)
	}
	if r, err := FindServer("tcp", "192.0.2.77:80"); !errors.Is(err, ErrElsewhere) {
		t.Errorf("an address of no machine: got %+v, %v; want %v", r, err, ErrElsewhere)
	}
	if r, err := FindServer("udp", addr); err == nil {
		t.Errorf("a network that is not known: got %+v", r)
	}
}
