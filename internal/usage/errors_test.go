package usage

import (
	"errors"
	"fmt"
	"testing"
)

// A reason is read beside "not measured", so it does not end in a general word for the same;
// code still sees what kind of error it is.
func TestUnsupportedIsItsReason(t *testing.T) {
	err := fmt.Errorf("system calls: %w", unsupported("role %s has no cgroup of its own", "app"))
	if err.Error() != "system calls: role app has no cgroup of its own" || !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%v, unsupported: %v", err, errors.Is(err, errors.ErrUnsupported))
	}
}
