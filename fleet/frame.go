package fleet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// A message travels in frames, because NATS limits one payload to 1 MiB. Each frame begins
// with a head of frameHead bytes: the magic, the number of the message, the number of the
// frame, and the length of the whole message; all in big endian.
const (
	frameMagic = 0x414e4331 // "ANC1"
	frameHead  = 4 + 8 + 4 + 8
	// frameMost is the most that one frame carries. With its head it stays below 1 MiB.
	frameMost = 512 << 10
	// messageMost limits a message; the results of a load of a week fit.
	messageMost = 64 << 20
	// openMost limits the messages of which only some frames have arrived. Hundreds of agents
	// may tell their results at once.
	openMost = 512
	// roomMost limits the memory of those messages.
	roomMost = 8 * messageMost
	// frameWait is how long the next frame of a message may take once there is no room: the
	// frames of one message follow each other, and a peer that is gone sends no more.
	frameWait = 5 * time.Second
)

// split returns the frames of a message. It fails if the message is too long.
func split(message []byte) ([][]byte, error) {
	if len(message) > messageMost {
		return nil, fmt.Errorf("a message of %d bytes: at most %d are sent", len(message), messageMost)
	}
	number := rand.Uint64()
	var frames [][]byte
	for i := 0; i == 0 || i*frameMost < len(message); i++ {
		part := message[i*frameMost : min(len(message), (i+1)*frameMost)]
		frame := make([]byte, frameHead, frameHead+len(part))
		binary.BigEndian.PutUint32(frame, frameMagic)
		binary.BigEndian.PutUint64(frame[4:], number)
		binary.BigEndian.PutUint32(frame[12:], uint32(i))
		binary.BigEndian.PutUint64(frame[16:], uint64(len(message)))
		frames = append(frames, append(frame, part...))
	}
	return frames, nil
}

// assembler puts the frames of several messages together. The zero value is ready to use.
type assembler struct {
	open map[uint64]*assembly
	room int              // bytes of the open messages
	now  func() time.Time // time.Now if nil
}

type assembly struct {
	data  []byte
	next  uint32
	whole int
	heard time.Time // of its last frame
}

// add takes a frame and returns the message that it completes, or nil. The frames of one
// message arrive in order. It fails for a frame that belongs to no message; the message
// that such a frame names is given up.
func (a *assembler) add(frame []byte) ([]byte, error) {
	if len(frame) < frameHead || binary.BigEndian.Uint32(frame) != frameMagic {
		return nil, errors.New("a frame without the head of this protocol")
	}
	number, index := binary.BigEndian.Uint64(frame[4:]), binary.BigEndian.Uint32(frame[12:])
	whole, part := binary.BigEndian.Uint64(frame[16:]), frame[frameHead:]
	if whole > messageMost || len(part) > frameMost {
		return nil, a.drop(number, "a message of %d bytes in a frame of %d: too long", whole, len(part))
	}
	m := a.open[number]
	switch {
	case m == nil && index != 0:
		return nil, fmt.Errorf("frame %d of a message that has not begun", index)
	case m != nil && (index != m.next || int(whole) != m.whole):
		return nil, a.drop(number, "frame %d where frame %d of the message was due", index, m.next)
	case m == nil && len(part) == int(whole):
		return part, nil
	case m == nil:
		if !a.hasRoom(int(whole)) {
			a.forgetSilent()
		}
		if !a.hasRoom(int(whole)) {
			return nil, errors.New("too many messages are open at once")
		}
		// The memory grows with what arrives, not with what the head announces.
		m = &assembly{whole: int(whole)}
		if a.open == nil {
			a.open = map[uint64]*assembly{}
		}
		a.open[number] = m
		a.room += m.whole
	}
	m.next++
	m.heard = a.time()
	m.data = append(m.data, part...)
	switch left := m.whole - len(m.data); {
	case left < 0 || left > 0 && len(part) != frameMost:
		return nil, a.drop(number, "frame %d has %d bytes, and %d are left", index, len(part), left+len(part))
	case left > 0:
		return nil, nil
	}
	a.forget(number)
	return m.data, nil
}

func (a *assembler) hasRoom(whole int) bool {
	return len(a.open) < openMost && a.room+whole <= roomMost
}

func (a *assembler) time() time.Time {
	if a.now == nil {
		return time.Now()
	}
	return a.now()
}

// forgetSilent gives up the messages whose next frame does not come.
func (a *assembler) forgetSilent() {
	for number, m := range a.open {
		if a.time().Sub(m.heard) > frameWait {
			a.forget(number)
		}
	}
}

func (a *assembler) drop(number uint64, format string, args ...any) error {
	a.forget(number)
	return fmt.Errorf(format, args...)
}

func (a *assembler) forget(number uint64) {
	if m := a.open[number]; m != nil {
		a.room -= m.whole
		delete(a.open, number)
	}
}
