package leavers

import (
	"io"
	"math/rand/v2"
	"net"
	"time"
)

// The bounds within which a client goes.
const (
	MaxWait = 5 * time.Millisecond // for the answer
	MaxRead = 200_000              // bytes of the answer
)

// Leave is a client that sends one of requests to address, or only a part of it, reads a part
// of the answer and goes, in half of the cases with a reset. All that is drawn from random.
// It fails if it cannot connect; what it cannot send or read is what it is there for.
func Leave(address string, requests []string, random *rand.Rand) error {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	if random.IntN(2) == 0 {
		_ = c.(*net.TCPConn).SetLinger(0) // the server may have closed it
	}
	request := requests[random.IntN(len(requests))]
	if random.IntN(4) == 0 {
		request = request[:random.IntN(len(request))]
	}
	if _, err := io.WriteString(c, request); err != nil {
		return nil
	}
	if c.SetReadDeadline(time.Now().Add(time.Duration(random.Int64N(int64(MaxWait))))) == nil {
		_, _ = io.CopyN(io.Discard, c, random.Int64N(MaxRead))
	}
	return nil
}
