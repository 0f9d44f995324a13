package vegeta

import (
	"sync"

	"ancmbench/loadgen"
)

// buffer is what one worker needs to read an answer.
type buffer struct {
	bytes  [32 << 10]byte
	answer loadgen.Answer
}

var buffers = sync.Pool{New: func() any { return new(buffer) }}
