//go:build !unix

package httpsys

const leanHere = false

func newLean(Options) Front { panic("httpsys: no lean front on this system") }
