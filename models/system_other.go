//go:build !unix

package models

import (
	"errors"
	"fmt"
	"net/http"
	"os"
)

var errUnsupported = errors.New("hosting models cannot be started here: this system does not let a child inherit a listening socket")

func supported() error { return errUnsupported }

func portTaken(error) bool { return false }

func play(role string, _ http.Handler) int {
	fmt.Fprintln(os.Stderr, role+":", errUnsupported)
	return 1
}
