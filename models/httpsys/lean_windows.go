package httpsys

// The lean front needs what poll reports about the other side of a connection, which
// Windows does not report.
const leanHere = false

func newLean(Options) Front { panic("httpsys: no lean front on this system") }
