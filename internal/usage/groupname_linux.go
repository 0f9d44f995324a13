package usage

import (
	"fmt"
	"strconv"
	"strings"
)

// groupPrefix is the beginning of the name of every group that we make.
const groupPrefix = "ancmbench-"

// groupOwner identifies the process that made a group: its id and its start time in clock
// ticks since boot, because ids are reused.
type groupOwner struct {
	pid   int
	start uint64
}

// groupName returns ancmbench-<run>-<target>-<role>-<pid>-<start>.
func groupName(run, target, role string, owner groupOwner) string {
	return fmt.Sprintf("%s%s-%s-%s-%d-%d", groupPrefix, plain(run), plain(target), plain(role), owner.pid, owner.start)
}

// parseGroupName returns the owner in a name from groupName; ok is false for other names.
func parseGroupName(name string) (groupOwner, bool) {
	rest, ok := strings.CutPrefix(name, groupPrefix)
	if !ok {
		return groupOwner{}, false
	}
	f := strings.Split(rest, "-")
	if len(f) < 5 {
		return groupOwner{}, false
	}
	pid, err := strconv.Atoi(f[len(f)-2])
	if err != nil || pid <= 0 {
		return groupOwner{}, false
	}
	start, err := strconv.ParseUint(f[len(f)-1], 10, 64)
	if err != nil {
		return groupOwner{}, false
	}
	return groupOwner{pid: pid, start: start}, true
}

// plain returns a name that is legal as a part of a file name: characters other than
// letters, digits, dot, dash and underscore become %XX.
func plain(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-', c == '_':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
