package fleet

import (
	"context"
)

// Local runs an agent in this process, over the embedded server's in-process connection:
// no port is opened. It returns when the agent has joined, and a function that ends the
// agent and waits for it.
func (c *Coordinator) Local(ctx context.Context, opt AgentOptions) (end func(), err error) {
	opt.Version = c.opt.Version
	s := opt.session()
	nc, err := c.bus.connect(s.disconnected)
	if err != nil {
		return nil, err
	}
	joined := make(chan error, 1)
	s.local = true
	c.mu.Lock()
	c.locals[s.id] = true
	c.mu.Unlock()
	s.joined = func() { joined <- nil }
	ctx, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err := s.run(ctx, nc)
		select {
		case joined <- err:
		default:
		}
	}()
	end = func() {
		cancel(errOver)
		<-ended
	}
	if err := <-joined; err != nil {
		end()
		return nil, err
	}
	return end, nil
}
