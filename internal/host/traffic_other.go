//go:build !linux

package host

// ReadTraffic is supported on Linux only.
func ReadTraffic() Traffic {
	const why = "not read on this system"
	return Traffic{Unsupported: map[string]string{"retransmits": why, "listen_overflows": why}}
}
