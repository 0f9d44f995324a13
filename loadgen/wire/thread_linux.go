package wire

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// threadUse is what a thread used, from its schedstat: processor time, and time
// in which it could have run and had no processor.
type threadUse struct {
	cpu, waited time.Duration
	ok          bool // the kernel tells
}

func readThread() (u threadUse) {
	b, err := os.ReadFile("/proc/thread-self/schedstat")
	if err != nil {
		return u
	}
	f := strings.Fields(string(b))
	if len(f) < 2 {
		return u
	}
	cpu, err1 := strconv.ParseInt(f[0], 10, 64)
	waited, err2 := strconv.ParseInt(f[1], 10, 64)
	return threadUse{time.Duration(cpu), time.Duration(waited), err1 == nil && err2 == nil}
}

func (u threadUse) since(before threadUse) threadUse {
	return threadUse{u.cpu - before.cpu, u.waited - before.waited, u.ok && before.ok}
}
