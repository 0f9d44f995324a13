package peers

import (
	"encoding/binary"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
)

// A connection over loopback is in the table twice, once from either end, and
// is one; a listener is none; a mapped address is what it maps.
func TestAddPeers(t *testing.T) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the fixture is from a little-endian machine")
	}
	file := filepath.Join(t.TempDir(), "tcp")
	const table = `  sl  local_address rem_address   st tx_queue rx_queue
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000
   1: 0100007F:C001 0100007F:1F90 01 00000000:00000000
   2: 0100007F:1F90 0100007F:C001 01 00000000:00000000
   3: 0100007F:1F90 0100007F:C002 06 00000000:00000000
   4: 0100007F:C003 0100007F:1F91 01 00000000:00000000
   5: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:C004 01 0:0
`
	if err := os.WriteFile(file, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	got := map[netip.AddrPort]bool{}
	if err := addPeers(got, file, netip.MustParseAddrPort("127.0.0.1:8080")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"127.0.0.1:49153", "127.0.0.1:49154", "127.0.0.1:49156"} {
		if !got[netip.MustParseAddrPort(want)] {
			t.Errorf("%s is missing", want)
		}
	}
	if len(got) != 3 {
		t.Errorf("%d connections, want 3: %v", len(got), got)
	}
}

func FuzzSocketAddress(f *testing.F) {
	for _, s := range []string{"0100007F:1F90", "00000000000000000000000001000000:0016", ":", "0100007F", "0100007F:1F900", "zz00007F:1F90", "0x00007F:1F90"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := socketAddress(s)
		if err == nil && !a.IsValid() {
			t.Errorf("%q gives no address and no error", s)
		}
	})
}
