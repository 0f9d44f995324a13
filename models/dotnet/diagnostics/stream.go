package diagnostics

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// stream reads what a session sends, the format Nettrace 4: objects, of which blocks of
// events and of their descriptions are of interest.
type stream struct {
	in *bufio.Reader
	at int64 // bytes read: blocks begin at multiples of 4
	// events holds what is known of each kind of event, by its number in this stream.
	events map[uint32]description
	// counter is called with every counter that comes.
	counter func(name string, value float64)
}

// description says what the payload of a kind of event consists of.
type description struct {
	provider, name string
	fields         []field
}

// field is a value of a payload; one that has fields of its own holds them.
type field struct {
	name   string
	code   uint32
	fields []field
}

// Tags of objects, and the codes of the types of values (System.TypeCode).
const (
	tagNull  = 1
	tagBegin = 5
	tagEnd   = 6

	codeObject = 1
	codeString = 18
)

// maxBlock bounds a block; the runtime makes them of 100 KiB at most.
const maxBlock = 16 << 20

// read reads the stream to its end, which is nil, and fails where it is no such stream.
func (s *stream) read() error {
	if err := s.expect("Nettrace\x14\x00\x00\x00!FastSerialization.1"); err != nil {
		return err
	}
	for {
		tag, err := s.byte()
		switch {
		case err != nil:
			return err
		case tag == tagNull: // behind the last object
			return nil
		case tag != tagBegin:
			return fmt.Errorf("the session sends tag %d where an object begins", tag)
		}
		if err := s.object(); err != nil {
			return err
		}
	}
}

// object reads an object behind its first tag.
func (s *stream) object() error {
	var head [14]byte // the tags of its type, two versions, the length of its name
	if err := s.full(head[:]); err != nil {
		return err
	}
	length := binary.LittleEndian.Uint32(head[10:])
	if head[0] != tagBegin || head[1] != tagNull || length > 64 {
		return errors.New("the session sends an object without a type")
	}
	name := make([]byte, length+1)
	if err := s.full(name); err != nil {
		return err
	}
	var err error
	switch kind := string(name[:length]); kind {
	case "Trace":
		err = s.full(make([]byte, 48)) // clocks and processors
	case "EventBlock", "MetadataBlock", "StackBlock", "SPBlock":
		err = s.block(kind)
	default:
		err = fmt.Errorf("the session sends an object of the unknown type %q", kind)
	}
	if err != nil {
		return err
	}
	if tag, err := s.byte(); err != nil || tag != tagEnd {
		return errors.Join(fmt.Errorf("the session sends an object without an end"), err)
	}
	return nil
}

// block reads a block and looks at its events.
func (s *stream) block(kind string) error {
	var size [4]byte
	if err := s.full(size[:]); err != nil {
		return err
	}
	n := binary.LittleEndian.Uint32(size[:])
	if n > maxBlock {
		return fmt.Errorf("the session sends a block of %d bytes", n)
	}
	if gap := -s.at & 3; gap > 0 {
		if err := s.full(make([]byte, gap)); err != nil {
			return err
		}
	}
	b := make([]byte, n)
	if err := s.full(b); err != nil {
		return err
	}
	if kind != "EventBlock" && kind != "MetadataBlock" {
		return nil
	}
	return s.blobs(&reader{b: b}, kind == "MetadataBlock")
}

// blobs reads the events of a block, whose heads say only what differs from the one
// before.
func (s *stream) blobs(r *reader, metadata bool) error {
	size, flags := r.uint16(), r.uint16()
	if r.take(int(size) - 4); flags&1 == 0 {
		return errors.New("the session sends events with heads of a form that is not read")
	}
	var kind uint32
	var length uint64
	for len(r.b) > 0 {
		flags := r.byte()
		if flags&1 != 0 {
			kind = uint32(r.varint())
		}
		if flags&2 != 0 { // sequence number, thread, processor
			r.varint()
			r.varint()
			r.varint()
		}
		if flags&4 != 0 { // thread
			r.varint()
		}
		if flags&8 != 0 { // stack
			r.varint()
		}
		r.varint() // time
		if flags&16 != 0 {
			r.take(16)
		}
		if flags&32 != 0 {
			r.take(16)
		}
		if flags&128 != 0 {
			length = r.varint()
		}
		payload := &reader{b: r.take(int(min(length, maxBlock)))}
		switch {
		case r.failed:
			return errors.New("the session sends an event that is cut off")
		case metadata:
			if err := s.describe(payload); err != nil {
				return err
			}
		default:
			s.event(kind&^(1<<31), payload)
		}
	}
	return nil
}

// describe keeps the description of a kind of event.
func (s *stream) describe(r *reader) error {
	id := r.uint32()
	d := description{provider: r.ended()}
	r.uint32() // the event's number
	d.name = r.ended()
	r.take(8 + 4 + 4) // keywords, version, level
	d.fields = r.fields(0)
	if r.failed {
		return errors.New("the session sends a description that is cut off")
	}
	s.events[id] = d
	return nil
}

// maxFields and maxDepth bound descriptions.
const maxFields, maxDepth = 256, 4

func (r *reader) fields(depth int) []field {
	n := r.uint32()
	if n > maxFields || depth > maxDepth {
		r.failed = true
		return nil
	}
	out := make([]field, n)
	for i := range out {
		out[i].code = r.uint32()
		if out[i].code == codeObject {
			out[i].fields = r.fields(depth + 1)
		}
		out[i].name = r.ended()
	}
	return out
}

// event reports an event of the provider if it is a counter. Others are nothing to it.
func (s *stream) event(kind uint32, r *reader) {
	d, known := s.events[kind]
	if !known || d.provider != provider || d.name != "EventCounters" {
		return
	}
	texts, numbers := map[string]string{}, map[string]float64{}
	if !r.values(d.fields, texts, numbers) {
		return
	}
	if mean, ok := numbers["Mean"]; ok && texts["Name"] != "" {
		s.counter(texts["Name"], mean)
	}
}

// sizes are the sizes of the types of values that are no strings and no numbers of ours.
var sizes = map[uint32]int{3: 4, 4: 2, 5: 1, 6: 1, 7: 2, 8: 2, 9: 4, 10: 4, 11: 8, 12: 8, 15: 16, 16: 8, 17: 16}

const (
	codeSingle = 13
	codeDouble = 14
)

// values takes the values of a payload, and reports whether all of them could be taken.
func (r *reader) values(fields []field, texts map[string]string, numbers map[string]float64) bool {
	for _, f := range fields {
		switch size, plain := sizes[f.code]; {
		case f.code == codeObject:
			if !r.values(f.fields, texts, numbers) {
				return false
			}
		case f.code == codeString:
			texts[f.name] = r.ended()
		case f.code == codeSingle:
			numbers[f.name] = r.float32()
		case f.code == codeDouble:
			numbers[f.name] = r.float64()
		case plain:
			r.take(size)
		default:
			return false
		}
	}
	return !r.failed
}

func (s *stream) byte() (byte, error) {
	var b [1]byte
	err := s.full(b[:])
	return b[0], err
}

func (s *stream) full(b []byte) error {
	n, err := io.ReadFull(s.in, b)
	s.at += int64(n)
	return err
}

func (s *stream) expect(text string) error {
	b := make([]byte, len(text))
	if err := s.full(b); err != nil {
		return err
	}
	if string(b) != text {
		return errors.New("the session sends no trace of the form Nettrace 4")
	}
	return nil
}
