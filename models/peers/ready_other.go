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

// elsewhere returns nothing: this system does not tell.
func (s *Server) elsewhere() string { return "" }

func processNames(pids []int) string {
	return "processes " + strings.Trim(fmt.Sprint(pids), "[]")
}
