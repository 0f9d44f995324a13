//go:build !linux

package rawio

import "net"

// socket is not used on this system: net.Conn's own methods are.
type socket struct{}

func (s *socket) init(net.Conn)                {}
func (s *socket) usable() bool                 { return false }
func (s *socket) read([]byte) (int, error)     { panic("rawio: no raw socket here") }
func (s *socket) tryWrite([]byte) (int, error) { panic("rawio: no raw socket here") }
func (s *socket) call(out, in []byte) (wrote, read int, err error) {
	panic("rawio: no raw socket here")
}
func (s *socket) quiet() bool { panic("rawio: no raw socket here") }
