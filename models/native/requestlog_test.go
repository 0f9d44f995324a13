package native_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ancmbench/models/httpsys"
	"ancmbench/models/native"
)

// fullDisk takes room bytes, and then no more until there is room again.
type fullDisk struct {
	strings.Builder
	room int
}

func (d *fullDisk) Write(b []byte) (int, error) {
	n := min(len(b), d.room)
	d.room -= n
	d.Builder.Write(b[:n])
	if n < len(b) {
		return n, errors.New("no space left on device")
	}
	return n, nil
}

// A disk that was full does not end the log: it goes on, with the number of lines
// that were lost, and every line stays one.
func TestRequestLogGoesOn(t *testing.T) {
	t.Run("BM-03_after_a_full_disk", testLogAfterFullDisk)
}

func testLogAfterFullDisk(t *testing.T) {
	disk := &fullDisk{room: 1000}
	failed, lost := 0, int64(0)
	log := native.RequestLog{W: disk, Failed: func(error) { failed++ }, Resumed: func(n int64) { lost += n }}
	x := &httpsys.Exchange{Method: []byte("GET"), Target: []byte("/a"), Start: time.Unix(1_000_000, 0)}
	log.Log(x, 0)
	line := disk.String()
	disk.room = len(line) + len(line)/2 // a line and a half
	for range 10 {
		log.Log(x, 0)
	}
	if failed != 1 || lost != 0 {
		t.Errorf("told of the failure %d times, of an end %d", failed, lost)
	}
	disk.room = 1000
	for end := time.Now().Add(20 * time.Second); lost == 0; time.Sleep(time.Millisecond) {
		log.Log(x, 0)
		if time.Now().After(end) {
			t.Fatal("the log does not go on")
		}
	}
	log.Log(x, 0)
	lines := strings.SplitAfter(disk.String(), "\n")
	whole, remarks := 0, 0
	for _, l := range lines {
		switch {
		case l == line:
			whole++
		case strings.HasPrefix(l, "#Remark: ") && strings.HasSuffix(l, " lines were lost before this one\n"):
			remarks++
		case l == "" || l == line[:len(line)/2]+"\n": // the half that was written
		default:
			t.Errorf("line %q", l)
		}
	}
	if whole != 4 || remarks != 1 || lost < 9 || failed != 1 {
		t.Errorf("%d whole lines, %d remarks, %d lost, %d failures:\n%s", whole, remarks, lost, failed, disk)
	}
}
