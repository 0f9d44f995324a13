package rawio

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

var wsaPoll = windows.NewLazySystemDLL("ws2_32.dll").NewProc("WSAPoll")

// pollRDNORM asks WSAPoll for bytes or an end; errors come unasked.
const pollRDNORM = 0x0100

// quiet reports whether nothing has happened on the socket that a reader would
// notice: no byte, no end, no error.
func quiet(fd uintptr) bool {
	ask := struct {
		socket          uintptr
		events, revents int16
	}{socket: fd, events: pollRDNORM}
	n, _, _ := wsaPoll.Call(uintptr(unsafe.Pointer(&ask)), 1, 0)
	return n == 0
}
