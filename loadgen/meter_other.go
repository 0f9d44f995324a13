//go:build !linux

package loadgen

func (r *reading) onlyOnLinux() {
	for _, check := range []string{checkRunQueue, checkRetransmits, checkOverflows} {
		r.unsupported[check] = "read on Linux only"
	}
}
