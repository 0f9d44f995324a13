package host

import "testing"

func TestPortsLeft(t *testing.T) {
	const (
		rangeFile = "proc/sys/net/ipv4/ip_local_port_range"
		reserved  = "proc/sys/net/ipv4/ip_local_reserved_ports"
		tcp       = "proc/self/net/tcp"
		tcp6      = "proc/self/net/tcp6"
		head      = "  sl  local_address rem_address   st\n"
	)
	// Ports 10 (0x0A) to 19: one listens, one waits, one is connected twice, one
	// lies outside, one is of IPv6.
	table := head +
		"   0: 0100007F:000A 00000000:0000 0A\n" +
		"   1: 0100007F:000B 0100007F:0050 06\n" +
		"   2: 0100007F:000C 0100007F:0050 01\n" +
		"   3: 0100007F:000C 0100007F:0051 01\n" +
		"   4: 0100007F:0014 0100007F:0051 01\n"
	table6 := head + "   0: 00000000000000000000000001000000:000D 00000000000000000000000000000000:0000 0A\n"
	for _, tt := range []struct {
		name  string
		files []string
		want  int
	}{
		{"all free", []string{rangeFile, "10\t19\n", tcp, head, tcp6, head}, 10},
		{"one port", []string{rangeFile, "10\t10\n", tcp, head}, 1},
		{"some in use", []string{rangeFile, "10 19", tcp, table}, 7},
		{"and of IPv6", []string{rangeFile, "10 19", tcp, table, tcp6, table6}, 6},
		{"some reserved", []string{rangeFile, "10 19", reserved, "5-11,19\n", tcp, head}, 7},
		{"none reserved", []string{rangeFile, "10 19", reserved, "\n", tcp, head}, 10},
		{"reserved and in use", []string{rangeFile, "10 19", reserved, "10-19", tcp, table}, 0},
		{"the last port", []string{rangeFile, "65535 65535", tcp, head}, 1},
	} {
		if got, err := portsLeft(tree(tt.files...)); err != nil || got != tt.want {
			t.Errorf("%s: got %d, %v; want %d", tt.name, got, err, tt.want)
		}
	}
	for name, files := range map[string][]string{
		"nothing":      {},
		"no table":     {rangeFile, "10 19"},
		"empty range":  {rangeFile, "19 10", tcp, head},
		"one number":   {rangeFile, "19", tcp, head},
		"no number":    {rangeFile, "a b", tcp, head},
		"too high":     {rangeFile, "10 65536", tcp, head},
		"bad reserved": {rangeFile, "10 19", reserved, "5-x", tcp, head},
		"bad line":     {rangeFile, "10 19", tcp, head + "0:\n"},
		"bad port":     {rangeFile, "10 19", tcp, head + "0: 0100007F:1FFFF\n"},
		"no port":      {rangeFile, "10 19", tcp, head + "0: 0100007F\n"},
	} {
		if got, err := portsLeft(tree(files...)); err == nil {
			t.Errorf("%s: got %d, want an error", name, got)
		}
	}
}

func FuzzPortsLeft(f *testing.F) {
	f.Add("32768\t60999\n", "8080,9000-9010\n", "sl\n 0: 0100007F:1F90 00000000:0000 0A\n")
	f.Add("1 65535", "", "")
	f.Fuzz(func(t *testing.T, ports, reserved, table string) {
		n, err := portsLeft(tree("proc/sys/net/ipv4/ip_local_port_range", ports,
			"proc/sys/net/ipv4/ip_local_reserved_ports", reserved, "proc/self/net/tcp", table))
		if err == nil && (n < 0 || n > 65536) {
			t.Errorf("%d ports", n)
		}
	})
}

func TestReadTraffic(t *testing.T) {
	const (
		snmp    = "Ip: Forwarding DefaultTTL\nIp: 1 64\nTcp: RtoAlgorithm MaxConn InSegs RetransSegs InErrs\nTcp: 1 -1 1000 17 0\n"
		netstat = "TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 3 4\nIpExt: InNoRoutes\nIpExt: 5\n"
	)
	got := readTraffic(tree("proc/self/net/snmp", snmp, "proc/self/net/netstat", netstat))
	if got.Retransmits != 17 || got.Overflows != 3 || len(got.Unsupported) != 0 {
		t.Errorf("got %+v", got)
	}
	half := readTraffic(tree("proc/self/net/snmp", snmp, "proc/self/net/netstat", "TcpExt: SyncookiesSent\nTcpExt: 0\n"))
	if half.Unsupported["listen_overflows"] == "" || half.Unsupported["retransmits"] != "" {
		t.Errorf("a kernel without one counter: got %+v", half)
	}
	for _, bad := range []string{"", "Tcp: RetransSegs\n", "Tcp: RetransSegs\nTcp: x\n", "Tcp: A RetransSegs\nTcp: 1\n"} {
		if n, err := counter(bad, "Tcp:", "RetransSegs"); err == nil {
			t.Errorf("%q: got %d, want an error", bad, n)
		}
	}
}

func TestPhysicalCores(t *testing.T) {
	const dir, file = "sys/devices/system/cpu/cpu", "/topology/thread_siblings_list"
	fsys := tree(dir+"0"+file, "0,2\n", dir+"1"+file, "1,3\n", dir+"2"+file, "0,2\n", dir+"3"+file, "1,3\n", dir+"4"+file, "4-5\n")
	got, err := physicalCores(fsys, []int{0, 1, 2, 3, 4, 9})
	want := []core{{0, 0}, {1, 1}, {2, 0}, {3, 1}, {4, 4}, {9, 9}}
	if err != nil || len(got) != len(want) {
		t.Fatalf("got %v, %v; want %v", got, err, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got[i], want[i])
		}
	}
	if got, err := physicalCores(tree(dir+"0"+file, "x\n"), []int{0}); err == nil {
		t.Errorf("got %v, want an error", got)
	}
}
