package appprocess

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"net"
	"strconv"
)

// Ports (OP-02).
const (
	portMin, portMax         = 10000, 48000 // picked
	userPortMin, userPortMax = 1025, 48000  // asked for
	portPicks                = 10
)

// userPort returns the port that the configuration asks for, 0 if it asks for none. It
// fails if that is no port for an app.
func (o *Options) userPort() (int, error) {
	for _, v := range o.Config.Environment {
		if !sameName(v.Name, EnvPort) {
			continue
		}
		port, err := strconv.Atoi(v.Value)
		if err != nil || port < userPortMin || port > userPortMax {
			return 0, fmt.Errorf("%s=%q: must be a port from %d to %d", EnvPort, v.Value, userPortMin, userPortMax)
		}
		return port, nil
	}
	return 0, nil
}

// pickPort returns a random port on which nobody listens. It fails if every port that
// it draws is taken.
func pickPort() (int, error) {
	for range portPicks {
		n, err := rand.Int(rand.Reader, big.NewInt(portMax-portMin+1))
		if err != nil {
			return 0, fmt.Errorf("drawing a port: %w", err)
		}
		if port := portMin + int(n.Int64()); portFree(port) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("%d ports drawn from %d to %d are all taken", portPicks, portMin, portMax)
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func portFree(port int) bool {
	l, err := net.Listen("tcp4", loopback(port))
	if err != nil {
		return false
	}
	l.Close()
	return true
}
