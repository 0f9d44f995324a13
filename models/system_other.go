//go:build !unix && !windows

package models

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"
)

var errUnsupported = errors.New("hosting models cannot be started here: this system does not let a child inherit a listening socket")

func supported(Options) error { return errUnsupported }

func portTaken(error) bool { return false }

func openSocket(string) (*os.File, string, error) { return nil, "", errUnsupported }

type family struct{}

func newFamily() (family, error) { return family{}, errUnsupported }

func (family) add(int) error { return errUnsupported }

func (family) end(time.Duration) error { return nil }

func removeCopy(dir string, _ time.Duration) error { return os.RemoveAll(dir) }

func play(role string, _ http.Handler) int {
	fmt.Fprintln(os.Stderr, role+":", errUnsupported)
	return 1
}
