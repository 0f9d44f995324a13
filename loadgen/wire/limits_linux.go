package wire

import (
	"fmt"

	"golang.org/x/sys/unix"

	"ancmbench"
)

// otherFiles is what a process has open besides its connections.
const otherFiles = 256

// raiseFileLimit raises the limit of open files for the load's connections. If it cannot,
// the error says what to do.
func raiseFileLimit(load ancmbench.Load) error {
	need := uint64(load.Connections*len(load.Targets) + otherFiles)
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("wire engine: limit of open files: %w", err)
	}
	if limit.Cur >= need {
		return nil
	}
	was := limit
	limit.Cur, limit.Max = need, max(limit.Max, need)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("wire engine: %d connections need %d open files and the limit is %d: raise it with \"ulimit -n %d\"",
			load.Connections*len(load.Targets), need, was.Max, need)
	}
	return nil
}
