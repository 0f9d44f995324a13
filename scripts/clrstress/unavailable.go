//go:build !clr || !linux || !amd64 || !cgo

package main

import (
	"fmt"
	"os"

	"ancmbench/models/ancm/clr"
)

func main() {
	fmt.Fprintln(os.Stderr, "clrstress:", clr.Available())
	os.Exit(2)
}
