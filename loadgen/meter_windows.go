package loadgen

import (
	"time"

	"golang.org/x/sys/windows"
)

func (r *reading) readSystem() {
	var created, ended, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(windows.CurrentProcess(), &created, &ended, &kernel, &user); err != nil {
		r.unsupported[checkCPU] = err.Error()
	}
	// Durations come in units of 100 ns.
	ticks := func(f windows.Filetime) int64 { return int64(f.HighDateTime)<<32 | int64(f.LowDateTime) }
	r.cpu = time.Duration(ticks(kernel)+ticks(user)) * 100
	r.onlyOnLinux()
}
