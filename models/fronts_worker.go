//go:build unix || windows

package models

import (
	"io"

	"ancmbench/models/internal/control"
	"ancmbench/models/internal/proctree"
	"ancmbench/models/was"
)

// furtherSockets returns the sockets that this process has inherited for its further
// fronts.
func (o Options) furtherSockets() (out []*proctree.Gift, _ error) {
	for i := range o.Fronts {
		s, err := inheritedSocket(was.SocketGift + 1 + i)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// inheritedControl returns this process's end of the channel to the one that started it.
func inheritedControl() (io.ReadWriteCloser, error) {
	n, err := proctree.Given(was.ControlGift)
	if err != nil {
		return nil, err
	}
	return control.Inherited(int(n))
}
