package httpsys

// The lean front rests on what poll tells about the other side of a connection,
// which Windows does not.
const leanHere = false

func newLean(Options) Front { panic("httpsys: no lean front on this system") }
