//go:build unix && !(clr && linux && amd64 && cgo)

package dotnet_test

// tellCounts does nothing: there is no native half in this build.
func tellCounts() {}
