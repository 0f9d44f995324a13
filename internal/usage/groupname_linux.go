package usage

import (
	"fmt"
	"strconv"
	"strings"
)

// groupPrefix begins the name of every group that we make.
const groupPrefix = "ancmbench-"

// groupOwner is the process that made a group: its number, and when it began in
// clock ticks since boot, because numbers are used again.
type groupOwner struct {
	pid   int
	start uint64
}

// groupName is ancmbench-<run>-<arm>-<role>-<pid>-<start>.
func groupName(run, arm, role string, owner groupOwner) string {
	return fmt.Sprintf("%s%s-%s-%s-%d-%d", groupPrefix, plain(run), plain(arm), plain(role), owner.pid, owner.start)
}

// parseGroupName gives the owner of a group that groupName named.
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

// plain writes a name so that it fits into a file name: other characters than
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
