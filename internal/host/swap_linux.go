package host

import (
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// swapped returns the bytes moved to and from swap since the system was started.
func swapped() (int64, bool) { return swappedIn(root()) }

func swappedIn(fsys fs.FS) (int64, bool) {
	text, err := fs.ReadFile(fsys, "proc/vmstat")
	if err != nil {
		return 0, false
	}
	var pages int64
	found := 0
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if key != "pswpin" && key != "pswpout" {
			continue
		}
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return 0, false
		}
		pages += n
		found++
	}
	return pages * int64(os.Getpagesize()), found == 2
}
