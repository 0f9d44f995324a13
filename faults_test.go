package ancmbench

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

func TestFaultList(t *testing.T) {
	var l FaultList
	l.Add(nil)
	if l.Err() != nil || l.Len() != 0 {
		t.Errorf("nothing is wrong: %v, %d", l.Err(), l.Len())
	}
	for i := range MaxFaults {
		l.Add(fmt.Errorf("line %d: %w", i, fs.ErrInvalid))
	}
	if lines := strings.Split(l.Err().Error(), "\n"); len(lines) != MaxFaults || lines[19] != "line 19: invalid argument" {
		t.Errorf("as many as are said: %q", lines)
	}
	for range 190_000 {
		l.Add(fs.ErrClosed)
	}
	lines := strings.Split(l.Err().Error(), "\n")
	if len(lines) != MaxFaults+1 || lines[MaxFaults] != "and 190000 more" || l.Len() != MaxFaults+190_000 {
		t.Errorf("more than are said: %d, %q", l.Len(), lines)
	}
	if !errors.Is(l.Err(), fs.ErrInvalid) || errors.Is(l.Err(), fs.ErrClosed) {
		t.Error("those that are said are not to be found")
	}
}
