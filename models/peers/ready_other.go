//go:build !linux

package peers

import (
	"fmt"
	"net"
	"strings"
	"time"
)

// listens reports whether somebody accepts connections on the port: the system does not
// tell who.
func (s *Server) listens() (bool, error) {
	c, err := net.DialTimeout("tcp", s.Address(), time.Second)
	if err != nil {
		return false, nil
	}
	return true, c.Close()
}

// elsewhere says where the server must listen if other hosts must reach it. Where it does
// listen this system does not tell.
func (s *Server) elsewhere() string {
	if onLoopback(s.listen()) {
		return ""
	}
	return "; load agents on other hosts must reach it, so that it must listen on {listen} or on all addresses"
}

func processNames(pids []int) string {
	return "processes " + strings.Trim(fmt.Sprint(pids), "[]")
}
