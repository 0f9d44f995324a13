//go:build !unix

package usage

import (
	"os"
	"time"
)

// selfCPU is read as elsewhere: this system offers no second account.
func selfCPU() (time.Duration, error) {
	u, err := processTimes(os.Getpid())
	return u.User + u.System, err
}
